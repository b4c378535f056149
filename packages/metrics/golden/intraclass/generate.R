# Writes cases.json: intraclass correlations with intervals by psych::ICC (ANOVA, not lmer).
suppressPackageStartupMessages(library(psych))
set.seed(19)

shroutFleiss <- rbind(c(9, 2, 5, 8), c(6, 1, 3, 2), c(8, 4, 6, 8), c(7, 1, 2, 6), c(10, 5, 6, 9), c(6, 2, 4, 7))
suspicion <- function(n, k, noise) {
  truth <- 100 * rbeta(n, 0.6, 1.2)
  sapply(seq_len(k), function(j) pmin(100, pmax(0, round(truth + rnorm(1, 0, 6) + rnorm(n, 0, noise)))))
}
one <- function(name, ratings, level) {
  result <- ICC(ratings, lmer = FALSE, alpha = 1 - level)$results
  list(name = name, confidence = level, ratings = t(ratings),
       value = result$ICC, lower = result[["lower bound"]], upper = result[["upper bound"]], pValue = result$p)
}
cases <- list(
  one("Shrout & Fleiss (1979), table 2", shroutFleiss, 0.95),
  one("two readers, 40 cases", suspicion(40, 2, 8), 0.95),
  one("six readers, 25 cases, 90 %", suspicion(25, 6, 25), 0.9),
  one("three readers who do not agree", matrix(runif(60), ncol = 3), 0.95)
)
# As printed in Shrout & Fleiss (1979), table 4.
stopifnot(identical(sprintf("%.2f", cases[[1]]$value), c("0.17", "0.29", "0.71", "0.44", "0.62", "0.91")))
arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", arguments[grep("^--file=", arguments)]))
writeLines(jsonlite::toJSON(cases, auto_unbox = TRUE, digits = I(15), pretty = TRUE), file.path(here, "cases.json"))
