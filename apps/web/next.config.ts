import { resolve } from "node:path";
import type { NextConfig } from "next";

/** The content security policy carries a nonce per request and is set in src/proxy.ts. */
const securityHeaders = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
];

interface WebpackConfig {
  entry: () => Promise<Record<string, unknown>>;
  readonly resolve: { fallback?: Record<string, false> };
}

const nextConfig: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: resolve(import.meta.dirname, "../.."),
  poweredByHeader: false,
  reactStrictMode: true,
  serverExternalPackages: [
    "bullmq",
    "pg",
    "@node-rs/argon2",
    "sharp",
    "dcmjs",
    // They find their WebAssembly beside themselves.
    "@cornerstonejs/codec-charls",
    "@cornerstonejs/codec-libjpeg-turbo-8bit",
    "@cornerstonejs/codec-openjpeg",
    "@cornerstonejs/codec-openjph",
  ],
  outputFileTracingIncludes: {
    "/api/reader-studies/**": [
      "../../node_modules/sharp/**/*",
      "../../node_modules/@img/**/*",
      "../../node_modules/{detect-libc,semver}/**/*",
    ],
    // A pattern, in which brackets would mean something else.
    "/api/dicomweb/**": [
      // A thread of its own, which no page imports.
      ".next/server/render-thread.js",
      ".next/server/webpack-runtime.js",
      ".next/server/chunks/*.js",
      "../../node_modules/sharp/**/*",
      "../../node_modules/@img/**/*",
      "../../node_modules/{detect-libc,dicom-parser,semver}/**/*",
      "../../node_modules/@cornerstonejs/codec-*/dist/*_decode.wasm",
      "../../node_modules/@cornerstonejs/codec-openjph/dist/*.wasm",
    ],
  },
  transpilePackages: [
    "@crossread/contracts",
    "@crossread/db",
    "@crossread/dicom",
    "@crossread/metrics",
    "@crossread/model",
    "@crossread/queue",
    "@crossread/storage",
  ],
  headers: () => Promise.resolve([{ source: "/:path*", headers: securityHeaders }]),
  webpack(config: WebpackConfig, { isServer, nextRuntime }) {
    // Cornerstone's WASM codecs name Node modules that they never use in a browser.
    if (!isServer) config.resolve.fallback = { ...config.resolve.fallback, fs: false, path: false };
    if (nextRuntime === "nodejs") {
      const { entry } = config;
      config.entry = async () => ({
        ...(await entry()),
        "render-thread": "./src/server/rendering/render-thread.ts",
      });
    }
    return config;
  },
};

export default nextConfig;
