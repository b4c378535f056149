import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = "/usr/sbin/Orthanc";
const plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

export const hasOrthanc = existsSync(program) && existsSync(plugin);

export interface Orthanc extends AsyncDisposable {
  /** Its REST interface; throws where the answer is no success. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** Debian's Orthanc with its DICOMweb plugin, which knows our service under a name for each token. */
export async function startOrthanc(url: string, tokens: Readonly<Record<string, string>>): Promise<Orthanc> {
  const directory = await mkdtemp(join(tmpdir(), "crossread-orthanc-"));
  const [httpPort, dicomPort] = await freePorts(2);
  const configuration = {
    Name: "peer",
    HttpPort: httpPort,
    DicomPort: dicomPort,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    StorageDirectory: join(directory, "storage"),
    IndexDirectory: join(directory, "storage"),
    Plugins: [plugin],
    DicomWeb: {
      Enable: true,
      Servers: Object.fromEntries(
        Object.entries(tokens).map(([name, token]) => [
          name,
          { Url: `${url}/`, HttpHeaders: { Authorization: `Bearer ${token}` } },
        ]),
      ),
    },
  };
  const path = join(directory, "orthanc.json");
  await writeFile(path, JSON.stringify(configuration));
  const child = spawn(program, [path], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (text: Buffer) => (log = (log + text.toString()).slice(-4_000)));
  const base = `http://127.0.0.1:${httpPort}`;
  for (let attempt = 0; ; attempt++) {
    const isReady = await fetch(`${base}/system`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) break;
    if (attempt > 600 || child.exitCode !== null) throw new Error(`Orthanc did not start: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    async call(path, init) {
      const response = await fetch(`${base}${path}`, init);
      if (!response.ok)
        throw new Error(`Orthanc ${path}: ${response.status} ${await response.text()} ${log}`);
      return response;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGTERM");
        await ended;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Held until all are known, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<Server>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
