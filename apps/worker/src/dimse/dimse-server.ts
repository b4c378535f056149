import { createServer, type Socket } from "node:net";
import { DomainError } from "@crossread/contracts/errors";
import type { DimseContext } from "./dimse-context.ts";
import { createPduLengthGuard } from "./pdu-length-guard.ts";
import { StoreAssociation } from "./store-association.ts";

export interface DimseServer {
  readonly port: number;
  /** Ends every association; what was acknowledged is handed over. */
  close(): Promise<void>;
}

/** The library announces 262,144 at most; association requests are far shorter. */
const maxPduBytes = 1_048_576;

/** Listens for senders of images over DICOM's own protocol. */
export async function startDimseServer(
  context: DimseContext,
  address: { readonly host: string; readonly port: number },
): Promise<DimseServer> {
  const associations = new Map<Socket, StoreAssociation>();
  const server = createServer((socket) => {
    if (associations.size >= context.limits.maxAssociations) {
      socket.end(tooMany);
      return;
    }
    const guard = createPduLengthGuard(maxPduBytes);
    // Before the library's own listener, so that it gathers nothing of what is refused.
    socket.on("data", (bytes) => {
      if (!guard.accept(bytes)) socket.destroy();
    });
    const association = new StoreAssociation(socket, context);
    associations.set(socket, association);
    socket.once("close", () => {
      associations.delete(socket);
      void association.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new DomainError(
          "port-in-use",
          `The port ${address.port} for DICOM cannot be opened: set CROSSREAD_DIMSE_PORT to a free one.`,
          { cause: error },
        ),
      ),
    );
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : address.port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      const open = [...associations];
      for (const [socket] of open) socket.destroy();
      await Promise.all(open.map(([, association]) => association.end()));
      await closed;
    },
  };
}

/** A-ASSOCIATE-RJ (PS3.8 9.3.4): rejected for now, by the presentation layer, because a local limit is exceeded. */
const tooMany = Buffer.from([0x03, 0, 0, 0, 0, 4, 0, 2, 3, 2]);
