"use client";

import type { TransformChain } from "@crossread/contracts/saliency-map";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { makeModelInput } from "./cornerstone.ts";
import type { ViewportFrame } from "./image-pane.ts";

export function modelInputText({ inputSizePx, scale, offsetXPx, offsetYPx }: TransformChain): string {
  const side = (1 / scale).toFixed(1);
  const padding = `${Math.round(offsetXPx)} and ${Math.round(offsetYPx)}`;
  return `What the model saw: ${inputSizePx} × ${inputSizePx} of ${side} × ${side} image pixels each, padded by ${padding}, before normalisation`;
}

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
      {input.error === null ? null : (
        <p role="alert" className="absolute inset-x-0 top-1/2 px-2 text-center text-xs text-orange-300">
          {input.error.message}
        </p>
      )}
    </>
  );
}
