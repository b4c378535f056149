import type { z } from "zod";
import type { GlobalModel, SiteUpdate } from "./update.ts";

/** State of the server's optimizer between rounds: plain vectors, kept with the checkpoint. */
export type ServerState = Readonly<Record<string, Float64Array>>;

export interface AggregationInput {
  readonly base: GlobalModel;
  /** Checked, by site id, at least one, all counts > 0. */
  readonly updates: readonly SiteUpdate[];
  /** Empty before the first round. */
  readonly state: ServerState;
}

export interface AggregationOutput {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly state: ServerState;
}

/** A strategy with its parameters bound: pure functions and what they need to be named in a manifest. */
export interface Strategy {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** μ of the proximal term μ/2·‖w − w_base‖² that a site adds to its loss; 0 for none. */
  readonly proximalMu: number;
  readonly aggregate: (input: AggregationInput) => AggregationOutput;
}

export interface StrategyDefinition {
  readonly name: string;
  readonly parametersSchema: z.ZodType<Readonly<Record<string, number>>>;
  /** Parses parameters as they come from a plan; missing ones take their defaults, unknown ones are refused. */
  readonly configure: (parameters: unknown) => Strategy;
}

/** Ties a schema to the functions that take its parameters, so that the table of strategies needs no type parameter. */
export function defineStrategy<TParameters extends Readonly<Record<string, number>>>(definition: {
  readonly name: string;
  readonly parametersSchema: z.ZodType<TParameters>;
  readonly proximalMu?: (parameters: TParameters) => number;
  readonly aggregate: (input: AggregationInput, parameters: TParameters) => AggregationOutput;
}): StrategyDefinition {
  return {
    name: definition.name,
    parametersSchema: definition.parametersSchema,
    configure: (raw) => {
      const parameters = definition.parametersSchema.parse(raw);
      return {
        name: definition.name,
        parameters,
        proximalMu: definition.proximalMu?.(parameters) ?? 0,
        aggregate: (input) => definition.aggregate(input, parameters),
      };
    },
  };
}
