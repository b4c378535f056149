import manifest from "../package.json" with { type: "json" };

/** Written into every checkpoint that this program makes. */
export const codeVersion = `crossread ${manifest.version}`;
