import { register } from "tsx/esm/api";

register();
await import("../src/rotate-master-key.ts");
