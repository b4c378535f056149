/**
 * The sentence that refuses a Node that is too old, or undefined.
 * @param {string} version
 */
export function nodeRefusal(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `Crossread needs Node 20.19 or newer; this is Node ${version}: install a current LTS from https://nodejs.org.`;
}

/** Ends the process where Node is older than the product supports. */
export function requireNode() {
  const refusal = nodeRefusal(process.versions.node);
  if (refusal === undefined) return;
  console.error(refusal);
  process.exit(1);
}
