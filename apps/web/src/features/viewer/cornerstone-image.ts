import * as core from "@cornerstonejs/core";
import type { DisplayImage } from "./display-image.ts";
import { displayMaximum } from "./display-range.ts";

const middleWindow = { windowCenter: (displayMaximum + 1) / 2, windowWidth: displayMaximum + 1 };

/** An image that is presented already: Cornerstone has only to draw it. */
export function toCornerstoneImage(imageId: string, display: DisplayImage): core.Types.IImage {
  const { widthPx, heightPx, values } = display;
  const voxelManager = core.utilities.VoxelManager.createImageVoxelManager({
    width: widthPx,
    height: heightPx,
    scalarData: values,
    numberOfComponents: 1,
  });
  return {
    imageId,
    voxelManager,
    minPixelValue: 0,
    maxPixelValue: displayMaximum,
    slope: 1,
    intercept: 0,
    ...middleWindow,
    voiLUTFunction: core.Enums.VOILUTFunctionType.LINEAR,
    getPixelData: () => values,
    getCanvas: () => document.createElement("canvas"),
    rows: heightPx,
    columns: widthPx,
    height: heightPx,
    width: widthPx,
    color: false,
    rgba: false,
    numberOfComponents: 1,
    columnPixelSpacing: display.columnSpacing,
    rowPixelSpacing: display.rowSpacing,
    invert: false,
    sizeInBytes: values.byteLength + (display.overview?.values.byteLength ?? 0),
    dataType: "Uint16Array",
  };
}

/** What Cornerstone asks its metadata providers for. */
export function describeImage(type: string, imageId: unknown, display: DisplayImage): object | undefined {
  switch (type) {
    case "imagePlaneModule":
      return {
        frameOfReferenceUID: imageId,
        rows: display.heightPx,
        columns: display.widthPx,
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        rowCosines: [1, 0, 0],
        columnCosines: [0, 1, 0],
        imagePositionPatient: [0, 0, 0],
        rowPixelSpacing: display.rowSpacing,
        columnPixelSpacing: display.columnSpacing,
        usingDefaultValues: false,
      };
    case "imagePixelModule":
      return {
        samplesPerPixel: 1,
        photometricInterpretation: "MONOCHROME2",
        rows: display.heightPx,
        columns: display.widthPx,
        bitsAllocated: 16,
        bitsStored: 16,
        highBit: 15,
        pixelRepresentation: 0,
      };
    case "generalSeriesModule":
      return { modality: "MG" };
    case "modalityLutModule":
      return { rescaleSlope: 1, rescaleIntercept: 0 };
    case "voiLutModule":
      return { windowCenter: [middleWindow.windowCenter], windowWidth: [middleWindow.windowWidth] };
    default:
      return undefined;
  }
}
