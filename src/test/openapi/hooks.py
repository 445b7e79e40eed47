"""What a generator does not come upon by itself: real images, masks and settings that mean something, names of files, answers that are
images. Counts the answers, and prints them at the end."""

import atexit
import collections
import itertools
import os
import pathlib
import random
import zlib

import schemathesis
from hypothesis import strategies as st
from schemathesis.transport.requests import REQUESTS_TRANSPORT
from schemathesis.transport.serialization import Binary

IMAGES = pathlib.Path(__file__).parent.parent / "resources/org/lakebrush/image"
SUFFIXES = {".jpg", ".png", ".webp", ".bmp", ".tif"}
SEEDS = [file.read_bytes() for file in sorted(IMAGES.iterdir()) if file.suffix in SUFFIXES]
MASKS = [
    "center", "full", "alpha", "text", "scratches",
    "{kind: box, anchor: bottom-right, width: 30%, height: 20%, margin: 5%}",
    "{kind: box, anchor: center, width: 0, height: 7px}",
    "{kind: polygon, points: [[10%, 10%], [60%, 20%], [30%, 80%]]}",
    "{kind: color, rgb: '#ff0000', tolerance: 60}",
    "{kind: watermark, file: mark.png}",
    "{kind: sidecar, file: mask.png}",
    "{kind: sidecar, suffix: _mask}",
    "{kind: sidecar, file: ../../../../../../etc/passwd}",
    "{kind: watermark, file: 'file:///etc/passwd'}",
    "{kind: manifest}",
    "{kind: nothing, that: is known}",
    "{}", "{kind: {kind: {kind: center}}}", "{kind: [*a, &a b]}",
]
SETTINGS = [
    "mask.grow=8", "mask.feather=0", "spectral.seam=on", "spectral.grain=on", "spectral.descreen=auto",
    "output.format=png", "output.format=jpeg", "output.format=webp", "output.format=bmp", "output.format=tiff", "inpaint.max_side=64",
    "output.format=gif", "mask.grow=-1", "inpaint.max_side=8192", "inpaint.model=/etc/passwd", "inpaint.model=lama-lite",
    "limits.max_pixels=1", "limits.max_pixels=2G", "masks.0.width=10%", "masks.0.file=/etc/passwd",
    "output.name=../../{stem}.{ext}", "run.slice_images=1", "no.such=key", "mask=x",
]
JOBS = [
    "masks: [{kind: center}]\n",
    "masks:\n  - {kind: box, anchor: top-left, width: 10%, height: 50%}\nmask: {grow: 2, feather: 1}\nspectral: {grain: on}\n",
    "masks: [{kind: sidecar, file: mask.png}]\n",
    "masks: [{kind: sidecar, dir: /etc}]\n",
    "spectral: {descreen: on}\n",
    "masks: []\n", "masks: &m [*m]\n", "- - - -\n", "\t{", "",
]
NAMES = ["mark.png", "mask.png", "image_mask.png", "m\u00e4sk.png"]
BAD_NAMES = ["../../etc/passwd", "/etc/passwd", "C:\\mask.png", "", "mask\u0000.png", "..", "m" * 5000]
ACCEPTS = [None, "application/json", "image/*", "*/*", "image/png, application/json;q=0.5", "application/json, image/*;q=0.1", "text/html"]

TOKEN = os.environ.get("LAKEBRUSH_TOKEN")
answers = collections.Counter()
turns = itertools.count()


@st.composite
def broken(draw):
    """An image that is cut, or in which a few bytes are others."""
    file = bytearray(draw(st.sampled_from(SEEDS)))
    for at, byte in draw(st.lists(st.tuples(st.integers(0, len(file) - 1), st.integers(0, 255)), max_size=4)):
        file[at] = byte
    return bytes(file[: draw(st.integers(0, len(file)))])


def some(known, other):
    """Mostly what is known to mean something."""
    return st.integers(0, 3).flatmap(lambda i: other if i == 0 else st.sampled_from(known))


schemathesis.openapi.format("image-file", some(SEEDS, st.one_of(broken(), st.binary(max_size=64))).map(Binary))
schemathesis.openapi.format("mask-text", some(MASKS, st.text(max_size=40).map("{{{}}}".format)))
schemathesis.openapi.format("job-text", some(JOBS, st.text(max_size=60)))
schemathesis.openapi.format("setting", some(SETTINGS, st.from_regex(r"\A[a-z0-9_.]{1,12}=[ -~]{0,12}\Z")))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Names the strategies above where the contract has no word for them; a server with a token has to ask for it."""
    schemas = raw_schema["components"]["schemas"]
    for name, form in {"Image": "image-file", "File": "image-file", "MaskText": "mask-text"}.items():
        schemas[name]["format"] = form
    parts = schemas["Parts"]["properties"]
    parts["job"]["format"] = "job-text"
    parts["set"]["items"]["format"] = "setting"
    if TOKEN:
        for path in raw_schema["paths"].values():
            for operation in path.values():
                operation["security"] = [way for way in operation["security"] if way]


def sensible(path, chance):
    """Parts that belong together."""
    image = Binary(chance.choice(SEEDS))
    parts = {"image": image}
    if path == "/api/view":
        return parts
    way = chance.randrange(3)
    if way == 0:
        parts["mask"] = chance.sample(MASKS[:9], chance.randint(1, 2))
    elif way == 1:
        # Of the image's own size at any rate.
        parts["mask"] = [image]
    else:
        parts["job"] = chance.choice(JOBS[:2])
    parts["set"] = chance.sample(SETTINGS[:11], chance.randint(0, 2))
    return parts


@schemathesis.hook
def before_call(context, case, kwargs):
    accept = ACCEPTS[next(turns) % len(ACCEPTS)]
    if accept is not None:
        case.headers = {**(case.headers or {}), "Accept": accept}


@schemathesis.hook
def after_call(context, case, response):
    answers[(case.method.upper() + " " + case.path, response.status_code)] += 1


if TOKEN:
    @schemathesis.auth()
    class Bearer:
        def get(self, case, context):
            return TOKEN

        def set(self, case, data, context):
            case.headers = {**(case.headers or {}), "Authorization": "Bearer " + data}


@REQUESTS_TRANSPORT.serializer("multipart/form-data")
def multipart(context, value):
    """Bytes are files, with a name; texts are not. Half of the good requests have parts that belong together instead of those drawn."""
    if isinstance(value, bytes):
        return {"data": value}
    if not isinstance(value, dict):
        return {"files": [("value", (None, str(value)))]}
    meta = context.case.meta
    bad = meta is not None and meta.generation.mode.is_negative
    drawn = zlib.crc32(repr(value).encode(errors="replace"))
    if not bad and drawn % 2:
        value = sensible(context.case.path, random.Random(drawn))
    parts = []
    for name, items in value.items():
        for i, item in enumerate(items if isinstance(items, list) else [items]):
            if isinstance(item, (Binary, bytes)):
                data = item.data if isinstance(item, Binary) else item
                known = NAMES[i] if i < len(NAMES) else f"{i}.png"
                parts.append((name, (BAD_NAMES[zlib.crc32(data) % len(BAD_NAMES)] if bad and zlib.adler32(data) % 2 else known, data)))
            elif name == "image":
                parts.append((name, ("image", str(item))))
            else:
                parts.append((name, (None, str(item))))
    return {"files": parts} if parts else {"data": b"----\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=--"}}


@atexit.register
def report():
    print("Answers:")
    for (operation, status), count in sorted(answers.items()):
        print(f"  {operation} {status}: {count}")
