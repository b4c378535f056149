// For tests and the development server; the build makes a file of its own (next.config.ts).
import { register } from "tsx/esm/api";

register();
await import("../src/server/rendering/render-thread.ts");
