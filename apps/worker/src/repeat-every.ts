/** Repeats work with a pause in between; a failure is reported and the next turn comes all the same. */
export function repeatEvery(
  pauseMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  let isStopped = false;
  let current: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const plan = () => {
    timer = setTimeout(() => {
      current = work()
        .catch(onError)
        .then(() => {
          if (!isStopped) plan();
        });
    }, pauseMs);
  };
  plan();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}
