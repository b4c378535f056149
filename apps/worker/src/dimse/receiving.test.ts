import { readInstance } from "@crossread/dicom/read-instance";
import { mammogramAttributes } from "@crossread/dicom/write-mammogram";
import { createRandom } from "@crossread/metrics/random";
import { describe, expect, test } from "vitest";
import { acceptedSyntax, isOfferedClass } from "./offered-syntaxes.ts";
import { part10Header } from "./part10-header.ts";
import { createPduLengthGuard } from "./pdu-length-guard.ts";
import { isAllowedAddress } from "./peer-address.ts";
import { writePart10File } from "@crossread/dicom/part10-file";

describe("createPduLengthGuard", () => {
  const pdu = (type: number, length: number) => {
    const bytes = Buffer.alloc(6 + length, 0xff);
    bytes[0] = type;
    bytes.writeUInt32BE(length, 2);
    return bytes;
  };

  test("lets PDUs of allowed length through however they are cut", () => {
    const stream = Buffer.concat([pdu(1, 100), pdu(4, 0), pdu(4, 1_000), pdu(7, 4)]);
    const random = createRandom(3);
    for (let round = 0; round < 200; round++) {
      const guard = createPduLengthGuard(1_000);
      for (let offset = 0; offset < stream.length;) {
        const next = offset + 1 + random.nextInt(300);
        expect(guard.accept(stream.subarray(offset, next))).toBe(true);
        offset = next;
      }
    }
  });

  test("stops at a longer one before its content comes, and at what is no PDU", () => {
    const long = Buffer.from([4, 0, 0xff, 0xff, 0xff, 0xff]);
    expect(createPduLengthGuard(1_000).accept(Buffer.concat([pdu(1, 10), long]))).toBe(false);
    const guard = createPduLengthGuard(1_000);
    expect(guard.accept(long.subarray(0, 5))).toBe(true);
    expect(guard.accept(long.subarray(5))).toBe(false);
    expect(createPduLengthGuard(1_000).accept(Buffer.from("GET / HTTP/1.1\r\n"))).toBe(false);
  });
});

describe("isAllowedAddress", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7", true],
    ["::ffff:192.0.2.7", "192.0.2.7", true],
    ["192.0.2.8", "192.0.2.7", false],
    ["192.0.2.8", "192.0.2.0/24", true],
    ["192.0.3.8", "192.0.2.0/24", false],
    ["2001:db8::1", "2001:db8::/32", true],
    ["2001:db9::1", "2001:db8::/32", false],
    ["192.0.2.7", "2001:db8::/32", false],
  ])("%s against %s: %s", (address, allowed, expected) => {
    expect(isAllowedAddress(address, allowed)).toBe(expected);
  });
});

describe("offered syntaxes", () => {
  test("are all storage classes, verification, and what can be decoded in the sender's order", () => {
    expect(isOfferedClass("1.2.840.10008.1.1")).toBe(true);
    expect(isOfferedClass("1.2.840.10008.5.1.4.1.1.1.2")).toBe(true);
    expect(isOfferedClass("1.2.840.10008.5.1.4.1.2.2.1")).toBe(false);
    expect(acceptedSyntax(["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2"])).toBe(
      "1.2.840.10008.1.2.4.70",
    );
    expect(acceptedSyntax(["1.2.840.10008.1.2.4.100"])).toBeUndefined();
  });
});

describe("part10Header", () => {
  test("makes a file of a data set as it comes over the network", () => {
    const file = writePart10File(
      mammogramAttributes(
        {
          subjectId: "XR-TEST",
          studyInstanceUid: "2.25.1",
          seriesInstanceUid: "2.25.2",
          sopInstanceUid: "2.25.31",
          studyDate: "20240101",
          laterality: "R",
          view: "MLO",
          widthPx: 2,
          heightPx: 2,
          bitsStored: 12,
          photometricInterpretation: "MONOCHROME2",
          windows: [{ center: 1, width: 2 }],
          imagerPixelSpacingMm: [0.1, 0.1],
          manufacturer: "m",
          manufacturerModelName: "n",
          softwareVersions: "1",
        },
        Uint16Array.of(1, 2, 3, 4),
      ),
    );
    const metaLength = 12 + new DataView(file.buffer, 140).getUint32(0, true);
    const dataSet = file.subarray(132 + metaLength);
    const made = Buffer.concat([
      part10Header({
        sopClassUid: "1.2.840.10008.5.1.4.1.1.1.2",
        sopInstanceUid: "2.25.31",
        transferSyntaxUid: "1.2.840.10008.1.2.1",
      }),
      dataSet,
    ]);
    expect(readInstance(made, "made")).toMatchObject({
      transferSyntaxUid: "1.2.840.10008.1.2.1",
      sopInstanceUid: "2.25.31",
      laterality: "R",
      pixel: { rows: 2, columns: 2 },
    });
  });
});
