import { createServer } from "node:net";
import { expect, test } from "vitest";
import { probeService } from "./service-probe.ts";

test("tells a listening service from a closed port and never repeats the address", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `postgresql://user:secret@127.0.0.1:${port}/crossread`;
  expect(await probeService(url)).toEqual({ isReachable: true });
  await new Promise((resolve) => server.close(resolve));
  // A port of a moment ago may be somebody else's by now; nothing listens on the first one.
  const closed = "postgresql://user:secret@127.0.0.1:1/crossread";
  expect(await probeService(closed)).toEqual({ isReachable: false, reason: "ECONNREFUSED" });
});

test("refuses what is no address", async () => {
  expect(await probeService("not an address")).toEqual({ isReachable: false, reason: "it is not a URL" });
  expect(await probeService("gopher://host")).toEqual({
    isReachable: false,
    reason: "it has no port for gopher://",
  });
});
