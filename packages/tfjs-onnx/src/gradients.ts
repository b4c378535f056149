/** Side effects: registers every tfjs gradient and chained operator in the tfjs-core that the application imports. */
import "./generated/tfjs-gradients.js";
import type {} from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
