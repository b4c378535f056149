# syntax=docker/dockerfile:1
FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund && node scripts/generate-prisma.mjs --quiet && chown -R node:node /app/packages/db/src/generated
USER node
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD node apps/worker/bin/health.mjs
CMD ["node", "apps/worker/bin/main.mjs"]
