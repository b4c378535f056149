"use client";

import type { MarkGeometry } from "@crossread/contracts/mark";
import { applyAffine, toCssMatrix, type Affine, type Point } from "./affine.ts";

export function MarkShape(props: { geometry: MarkGeometry; transform: Affine; isDashed: boolean }) {
  const { geometry, transform } = props;
  const look = {
    fill: "transparent",
    strokeWidth: 1.75,
    vectorEffect: "non-scaling-stroke" as const,
    ...(props.isDashed ? { strokeDasharray: "6 4" } : {}),
  };
  switch (geometry.shape) {
    case "point": {
      const { xPx, yPx } = applyAffine(transform, geometry);
      return (
        <g transform={`translate(${xPx} ${yPx})`} fill="transparent" strokeWidth={1.75}>
          <circle r={9} />
          <path d="M-14 0h8M6 0h8M0-14v8M0 6v8" />
        </g>
      );
    }
    case "circle":
      return (
        <g transform={toCssMatrix(transform)}>
          <circle cx={geometry.xPx} cy={geometry.yPx} r={geometry.radiusPx} {...look} />
        </g>
      );
    case "ellipse":
      return (
        <g transform={toCssMatrix(transform)}>
          <ellipse
            cx={geometry.xPx}
            cy={geometry.yPx}
            rx={geometry.radiusXPx}
            ry={geometry.radiusYPx}
            transform={`rotate(${(geometry.rotationRad * 180) / Math.PI} ${geometry.xPx} ${geometry.yPx})`}
            {...look}
          />
        </g>
      );
    case "polygon":
      return (
        <g transform={toCssMatrix(transform)}>
          <polygon points={geometry.points.map((point) => `${point.xPx},${point.yPx}`).join(" ")} {...look} />
        </g>
      );
  }
}

export function MarkLabel(props: { at: Point; text: string }) {
  return (
    <text
      x={props.at.xPx}
      y={props.at.yPx - 8}
      textAnchor="middle"
      className="fill-zinc-100 text-[11px] font-medium select-none"
      stroke="black"
      strokeWidth={3}
      paintOrder="stroke"
    >
      {props.text}
    </text>
  );
}
