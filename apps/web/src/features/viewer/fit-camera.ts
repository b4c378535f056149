export interface FitRequest {
  /** Extent that must fit, in world units (mm). */
  readonly extent: { readonly width: number; readonly height: number };
  /** Size of the image itself, same units. */
  readonly image: { readonly width: number; readonly height: number };
  readonly viewport: { readonly width: number; readonly height: number };
  /** Side of the stored image on which the chest wall lies; null to centre the image. */
  readonly chestWall: "left" | "right" | null;
}

export interface FittedCamera {
  /** Half of the viewport's height in world units. */
  readonly parallelScale: number;
  /** Point of the image at the viewport's centre, world units from the image's top-left corner. */
  readonly centre: { readonly x: number; readonly y: number };
}

/** One scale for every image of a layout, and the chest wall at the viewport's edge; holds for mirrored images too. */
export function fitCamera(request: FitRequest): FittedCamera {
  const { extent, image, viewport } = request;
  const aspect = viewport.width / viewport.height;
  const parallelScale = Math.max(extent.height, extent.width / aspect) / 2;
  const halfWidth = parallelScale * aspect;
  const x =
    request.chestWall === null
      ? image.width / 2
      : request.chestWall === "left"
        ? halfWidth
        : image.width - halfWidth;
  return { parallelScale, centre: { x, y: image.height / 2 } };
}
