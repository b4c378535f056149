"use client";

import type { TransformChain } from "@crossread/contracts/saliency-map";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { makeModelInput } from "./cornerstone.ts";
import type { ViewportFrame } from "./image-pane.ts";

/** The network's input in the place of the image: each of its pixels where the transform chain took it from. */
export function ModelInputLayer(props: { instanceId: string; chain: TransformChain; frame: ViewportFrame }) {
  const { instanceId, chain, frame } = props;
  const { inputSizePx, scale, offsetXPx, offsetYPx } = chain;
  const input = useQuery({
    queryKey: ["model-input", instanceId, inputSizePx],
    queryFn: () => makeModelInput(instanceId, inputSizePx),
    staleTime: Infinity,
  });
  const draw = useCallback(
    (canvas: HTMLCanvasElement | null) => {
      const context = canvas?.getContext("2d");
      if (context === null || context === undefined || input.data === undefined) return;
      const pixels = context.createImageData(inputSizePx, inputSizePx);
      input.data.forEach((value, index) => {
        const gray = Math.round(value * 255);
        pixels.data.set([gray, gray, gray, 255], index * 4);
      });
      context.putImageData(pixels, 0, 0);
    },
    [input.data, inputSizePx],
  );
  const { a, b, c, d, e, f } = frame.transform;
  const [x, y] = [-offsetXPx / scale, -offsetYPx / scale];
  const toScreen = `matrix(${a / scale},${b / scale},${c / scale},${d / scale},${a * x + c * y + e},${b * x + d * y + f})`;
  return (
    <>
      <div aria-hidden className="absolute inset-0 bg-black" />
      {input.data === undefined ? null : (
        <canvas
          ref={draw}
          width={inputSizePx}
          height={inputSizePx}
          data-testid="model-input"
          className="absolute top-0 left-0 origin-top-left outline-1 outline-zinc-400 outline-dashed [image-rendering:pixelated]"
          style={{ transform: toScreen }}
        />
      )}
      <p
        role={input.error === null ? "status" : "alert"}
        className="absolute inset-x-0 bottom-1 px-2 text-center text-[11px] text-sky-200 [text-shadow:0_0_3px_black]"
      >
        {input.error === null
          ? `What the model saw: ${inputSizePx} × ${inputSizePx}, one of its pixels is ${(1 / scale).toFixed(1)} × ${(1 / scale).toFixed(1)} image pixels, padded by ${Math.round(offsetXPx)} and ${Math.round(offsetYPx)}, before normalisation`
          : input.error.message}
      </p>
    </>
  );
}
