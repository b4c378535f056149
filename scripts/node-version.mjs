const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** One sentence and exit 1 where Node is older than the product supports. */
export function requireNode() {
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `Crossread needs Node 20.19 or newer; this is Node ${process.versions.node}: install a current LTS from https://nodejs.org.`,
  );
  process.exit(1);
}
