# syntax=docker/dockerfile:1
# TensorFlow.js' GPU binding is built against CUDA 11 and breaks on Node 23 and newer: hence Node 20 and this base.
FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04
ENV NODE_ENV=production DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl python3 make g++ \
  && curl -fsSL https://deb.nodesource.com/setup_20.x | bash - && apt-get install -y --no-install-recommends nodejs \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund && node scripts/generate-prisma.mjs --quiet \
  && npm install --no-save --ignore-scripts=false @tensorflow/tfjs-node-gpu@4.22.0 \
  && npm rebuild --ignore-scripts=false onnxruntime-node \
  && useradd --create-home crossread && chown -R crossread /app/packages/db/src/generated
USER crossread
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD node apps/worker/bin/health.mjs
CMD ["node", "apps/worker/bin/main.mjs"]
