/**
 * What to say of a failed call. An answer of the server speaks for itself; without one, browsers say "Failed to fetch" and the
 * like.
 */
export function failureText(error: { readonly message: string; readonly data?: unknown }): string {
  const isAnswered = !("data" in error) || (error.data !== undefined && error.data !== null);
  return isAnswered ? error.message : "Crossread does not answer. Nothing that was saved is lost.";
}
