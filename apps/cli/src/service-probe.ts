import { connect } from "node:net";

export type ProbeResult =
  { readonly isReachable: true } | { readonly isReachable: false; readonly reason: string };

const defaultPorts: Readonly<Record<string, number>> = {
  "postgres:": 5432,
  "postgresql:": 5432,
  "redis:": 6379,
  "rediss:": 6379,
  "http:": 80,
  "https:": 443,
};
const timeoutMs = 2_000;

/** Whether something listens where the address points; the address itself, which may hold a password, is never repeated. */
export function probeService(address: string): Promise<ProbeResult> {
  if (!URL.canParse(address)) return Promise.resolve({ isReachable: false, reason: "it is not a URL" });
  const url = new URL(address);
  const port = url.port === "" ? defaultPorts[url.protocol] : Number(url.port);
  if (port === undefined) {
    return Promise.resolve({ isReachable: false, reason: `it has no port for ${url.protocol}//` });
  }
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port, timeout: timeoutMs });
    const end = (result: ProbeResult) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end({ isReachable: true }));
    socket.once("timeout", () =>
      end({ isReachable: false, reason: `no answer within ${timeoutMs / 1000} s` }),
    );
    socket.once("error", (error) =>
      end({ isReachable: false, reason: "code" in error ? String(error.code) : error.message }),
    );
  });
}
