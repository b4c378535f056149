/**
 * Environment variables under which glibc keeps the memory that a training step frees, for the process that trains: to
 * give it back after every step and to fault it in again costs more than many of the step's operations. No allocation
 * goes to mmap, since glibc returns such memory at once and caps the size from which it does so at 32 MiB.
 *
 * @source mallopt(3)
 */
export const allocatorSettings: Readonly<Record<string, string>> = {
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: String(2 ** 34),
  MALLOC_TOP_PAD_: String(2 ** 26),
};
