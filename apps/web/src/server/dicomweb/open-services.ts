import "server-only";
import { randomUUID } from "node:crypto";
import { env } from "../../env.ts";
import { loadActor } from "../actor.ts";
import { blobs } from "../blobs.ts";
import { createRateLimit } from "../rate-limit.ts";
import { database, queue } from "../services.ts";
import { createBufferPool } from "./buffer-pool.ts";
import { storeLimits, type DicomWebServices } from "./dicomweb-services.ts";
import { renderPool } from "../rendering/open-render-pool.ts";
import { createSopClasses } from "./sop-classes.ts";
import { createStoreGate } from "./store-gate.ts";
import { createUploadWindow } from "./upload-window.ts";

const opened = ((globalThis as { crossreadDicomWeb?: { services?: DicomWebServices } }).crossreadDicomWeb ??=
  {});

const minuteMs = 60_000;

export function dicomWebServices(): DicomWebServices {
  return (opened.services ??= openServices());
}

function openServices(): DicomWebServices {
  const now = () => new Date();
  return {
    db: database(),
    store: blobs(),
    queue,
    actor: loadActor,
    now,
    baseUrl: new URL("/api/dicomweb", env().NEXTAUTH_URL).href,
    limits: {
      refused: createRateLimit({ limit: 60, windowMs: minuteMs, now: Date.now }),
      requests: createRateLimit({ limit: 6_000, windowMs: minuteMs, now: Date.now }),
    },
    render: (job) => renderPool().render(job),
    sopClasses: createSopClasses({ db: database(), store: blobs() }),
    storeGate: createStoreGate({ atOnce: 6, waiting: 64 }),
    buffers: createBufferPool({ keptBytes: 192 * 1024 * 1024, idleMs: 30_000 }),
    uploadWindow: createUploadWindow({ windowMs: 20_000, settleMs: 3_000, now, newId: randomUUID }),
    storeLimits,
  };
}
