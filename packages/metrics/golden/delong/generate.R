# Writes cases.json: AUC, DeLong variance, intervals and the paired test of seeded data by pROC.
suppressPackageStartupMessages(library(pROC))
set.seed(4711)

draw <- function(name, n, prevalence, digits, noise) {
  labels <- as.integer(runif(n) < prevalence)
  labels[1:4] <- c(0L, 0L, 1L, 1L)
  latent <- rnorm(n) + 1.2 * labels
  first <- round(plogis(latent), digits)
  second <- round(plogis(latent + rnorm(n, sd = noise)), digits)
  roc1 <- roc(labels, first, levels = c(0, 1), direction = "<", quiet = TRUE)
  roc2 <- roc(labels, second, levels = c(0, 1), direction = "<", quiet = TRUE)
  test <- roc.test(roc1, roc2, method = "delong", paired = TRUE)
  auc1 <- as.numeric(auc(roc1))
  var1 <- var(roc1, method = "delong")
  # pROC has no logit interval: its own AUC and variance through the delta method.
  reach <- qnorm(0.975) * sqrt(var1) / (auc1 * (1 - auc1))
  list(
    name = name, labels = labels, first = first, second = second,
    aucFirst = auc1, aucSecond = as.numeric(auc(roc2)),
    varianceFirst = var1, varianceSecond = var(roc2, method = "delong"),
    covariance = cov(roc1, roc2, method = "delong"),
    identityInterval = as.numeric(ci.auc(roc1, method = "delong", conf.level = 0.95))[c(1, 3)],
    identityInterval99 = as.numeric(ci.auc(roc1, method = "delong", conf.level = 0.99))[c(1, 3)],
    logitInterval = c(plogis(qlogis(auc1) - reach), plogis(qlogis(auc1) + reach)),
    z = unname(test$statistic), pValue = test$p.value,
    differenceInterval = as.numeric(test$conf.int)
  )
}

cases <- list(
  draw("no ties", 60, 0.5, 12, 1.0),
  draw("many ties", 200, 0.4, 1, 0.8),
  draw("few malignant", 150, 0.06, 3, 2.0),
  draw("strong difference", 300, 0.5, 6, 6.0)
)
arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", arguments[grep("^--file=", arguments)]))
json <- jsonlite::toJSON(cases, auto_unbox = TRUE, digits = I(17), pretty = TRUE)
writeLines(json, file.path(here, "cases.json"))
