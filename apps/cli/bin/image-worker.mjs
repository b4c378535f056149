import { register } from "tsx/esm/api";

register();
await import("../src/predict/image-worker.ts");
