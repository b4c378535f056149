import { register } from "tsx/esm/api";

register();
await import("../src/create-token.ts");
