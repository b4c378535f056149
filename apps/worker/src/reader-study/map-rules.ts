/** Shares of the map's maximum at which hot area and marks are compared. */
export const overlapThresholds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;

/** Hot from half of the maximum; specks of fewer than 16 pixels of the map (about 2 × 2 mm of a whole breast) do not count. */
export const regionRule = { threshold: 0.5, minimumAreaPx: 16 } as const;
