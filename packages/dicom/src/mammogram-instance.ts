import type { Laterality, View } from "@crossread/contracts/dataset-manifest";
import type { LookupTable } from "./lookup-table.ts";
import type { VoiLutFunction, VoiWindow } from "./write-mammogram.ts";

/** Pixel Data (7FE0,0010) of the first frame as it lies in the file. */
export type EncodedPixels =
  | { readonly kind: "native"; readonly bytes: Uint8Array; readonly isBigEndian: boolean }
  | { readonly kind: "encapsulated"; readonly bytes: Uint8Array };

/** Image Pixel module (PS3.3 C.7.6.3) and the encoded pixels. */
export interface ImagePixel {
  readonly rows: number;
  readonly columns: number;
  readonly frameCount: number;
  readonly samplesPerPixel: number;
  readonly photometricInterpretation: string;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly isSigned: boolean;
  /** Stored values from first to last (inclusive) are padding, not image (C.7.5.1.1.2). */
  readonly padding?: { readonly first: number; readonly last: number };
  readonly encoded: EncodedPixels;
}

/** Everything between a stored value and a P-Value, in the order in which it applies. */
export interface Presentation {
  readonly modality: { readonly lut: LookupTable } | { readonly slope: number; readonly intercept: number };
  /** VOI LUT Sequence in order of the file. */
  readonly voiLuts: readonly LookupTable[];
  readonly windows: readonly VoiWindow[];
  readonly voiLutFunction: VoiLutFunction;
  readonly presentationLutShape?: "IDENTITY" | "INVERSE";
}

/** One DICOM instance with pixels, read as a mammogram; what the file does not say is absent. */
export interface MammogramInstance {
  /** For messages only. */
  readonly fileName: string;
  readonly transferSyntaxUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly modality: string;
  readonly imageType: readonly string[];
  readonly presentationIntent?: string;
  /** (0008,0064): DF for a digitised film. */
  readonly conversionType?: string;
  /** Identifying unless `isIdentityRemoved`; never for logs or messages. */
  readonly patientId?: string;
  readonly isIdentityRemoved: boolean;
  readonly studyDate?: string;
  readonly patientAgeYears?: number;
  readonly patientSex?: string;
  readonly laterality?: Laterality;
  /** Whether the image's own statements (Image Laterality, frame, view text) name both sides. */
  readonly isLateralityContradicted: boolean;
  readonly view?: View;
  /** CC, MLO, ML, XCCL, …: what the file calls the view, also where it is none of ours. */
  readonly viewName?: string;
  readonly viewModifiers: readonly string[];
  /** BREAST, CHEST, …: Body Part Examined, upper case. */
  readonly bodyPart?: string;
  /** Whether Anatomic Region Sequence (0008,2218) codes something other than the breast. */
  readonly isOtherAnatomy: boolean;
  /** (0028,1350): one of several images that show a large breast together. */
  readonly isPartialView: boolean;
  /** Direction of the rows, direction of the columns (0020,0020). */
  readonly patientOrientation?: readonly [row: string, column: string];
  readonly hasBreastImplant?: boolean;
  readonly hasBurnedInAnnotation?: boolean;
  readonly isSpecimen: boolean;
  readonly manufacturer?: string;
  readonly manufacturerModelName?: string;
  readonly softwareVersions?: string;
  readonly kvp?: number;
  readonly compressionForceN?: number;
  readonly bodyPartThicknessMm?: number;
  /** Distance between rows, distance between columns, at the detector. */
  readonly imagerPixelSpacingMm?: readonly [row: number, column: number];
  readonly pixelSpacingMm?: readonly [row: number, column: number];
  /** (0028,0A02): GEOMETRY or FIDUCIAL. */
  readonly pixelSpacingCalibrationType?: string;
  /** (0018,2010): at a film digitiser. */
  readonly nominalScannedPixelSpacingMm?: readonly [row: number, column: number];
  /** (0028,0034): height, width of a pixel as a ratio of integers. */
  readonly statedPixelAspectRatio?: readonly [row: number, column: number];
  /** Estimated Radiographic Magnification Factor (0018,1114); a contact view has about 1.05. */
  readonly magnificationFactor?: number;
  readonly pixel: ImagePixel;
  readonly presentation: Presentation;
}
