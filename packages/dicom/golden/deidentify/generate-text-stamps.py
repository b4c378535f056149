"""Text as white on black PNGs, in fonts and sizes: /usr/bin/python3 generate-text-stamps.py (python3-pil, fonts-dejavu, fonts-liberation).

stamps.png holds all of them below each other; stamps.json says where each is, in which font and size.
"""
import json
import pathlib

from PIL import Image, ImageDraw, ImageFont

here = pathlib.Path(__file__).parent
fonts = {
    "DejaVu Sans": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "DejaVu Sans Mono": "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "Liberation Serif": "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
    "Liberation Sans Narrow": "/usr/share/fonts/truetype/liberation/LiberationSansNarrow-Regular.ttf",
}
texts = ["MUSTERMANN, ERIKA", "Geb. 12.04.1958", "ID 4711-0815"]
sizes = [12, 16, 24, 40, 64]

stamps = []
images = []
top = 0
for font, path in fonts.items():
    for size in sizes:
        for text in texts:
            drawn = ImageFont.truetype(path, size)
            left, upper, right, lower = drawn.getbbox(text)
            image = Image.new("L", (right - left, lower - upper))
            ImageDraw.Draw(image).text((-left, -upper), text, fill=255, font=drawn)
            stamps.append({"font": font, "sizePx": size, "text": text, "topPx": top, "widthPx": image.width, "heightPx": image.height})
            images.append(image)
            top += image.height
sheet = Image.new("L", (max(image.width for image in images), top))
for stamp, image in zip(stamps, images):
    sheet.paste(image, (0, stamp["topPx"]))
sheet.save(here / "stamps.png", optimize=True)
(here / "stamps.json").write_text(json.dumps(stamps, indent=1) + "\n")
