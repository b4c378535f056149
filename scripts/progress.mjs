/**
 * Prints a step as it begins and, when the returned function is called, how long it took.
 * @param {string} title
 * @returns {(outcome?: string) => void}
 */
export function reportStep(title) {
  const start = performance.now();
  process.stdout.write(`  ${title} …\n`);
  return (outcome = "done") => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(`  ${title}: ${outcome} (${seconds} s)\n`);
  };
}
