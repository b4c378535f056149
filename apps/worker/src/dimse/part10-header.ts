/** Preamble and File Meta Information (PS3.10 7.1) in front of a data set as it came over the network. */
export interface ReceivedDataSet {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

const implementationClassUid = "2.25.302018471206913358730429104761085731409";
const preambleBytes = 128;

export function part10Header(received: ReceivedDataSet): Buffer {
  const elements = Buffer.concat([
    // File Meta Information Version
    longElement(0x0001, "OB", Buffer.from([0, 1])),
    shortElement(0x0002, "UI", uid(received.sopClassUid)),
    shortElement(0x0003, "UI", uid(received.sopInstanceUid)),
    shortElement(0x0010, "UI", uid(received.transferSyntaxUid)),
    shortElement(0x0012, "UI", uid(implementationClassUid)),
    shortElement(0x0013, "SH", Buffer.from("CROSSREAD ")),
  ]);
  const groupLength = Buffer.alloc(4);
  groupLength.writeUInt32LE(elements.length);
  return Buffer.concat([
    Buffer.alloc(preambleBytes),
    Buffer.from("DICM"),
    shortElement(0x0000, "UL", groupLength),
    elements,
  ]);
}

function shortElement(element: number, vr: string, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  writeTag(head, element, vr);
  head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

function longElement(element: number, vr: string, value: Buffer): Buffer {
  const head = Buffer.alloc(12);
  writeTag(head, element, vr);
  head.writeUInt32LE(value.length, 8);
  return Buffer.concat([head, value]);
}

function writeTag(head: Buffer, element: number, vr: string): void {
  head.writeUInt16LE(0x0002, 0);
  head.writeUInt16LE(element, 2);
  head.write(vr, 4, "latin1");
}

/** PS3.5 9.1: padded to an even length with a zero byte. */
function uid(value: string): Buffer {
  return Buffer.from(value.length % 2 === 0 ? value : `${value}\0`, "latin1");
}
