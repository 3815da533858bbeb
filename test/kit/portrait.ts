// SPDX-License-Identifier: AGPL-3.0-or-later
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './folder.ts';

const WIDTH = 640;
const HEIGHT = 480;

/** Luma and the two chromas of a colour (BT.601). */
type Colour = readonly [number, number, number];

const colour = (r: number, g: number, b: number): Colour => [
  16 + 0.257 * r + 0.504 * g + 0.098 * b,
  128 - 0.148 * r - 0.291 * g + 0.439 * b,
  128 + 0.439 * r - 0.368 * g - 0.071 * b,
];

const HAIR = colour(74, 52, 43);

const within = (x: number, y: number, cx: number, cy: number, rx: number, ry: number): boolean =>
  ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;

/** Somebody before a wall with a window: nobody's face. */
function at(x: number, y: number): Colour {
  if (within(x, y, 320, 250, 78, 104)) return y < 200 + (x - 320) ** 2 / 160 ? HAIR : colour(228, 181, 154);
  if (within(x, y, 320, 360, 40, 50)) return colour(214, 164, 138);
  if (within(x, y, 320, 540, 210, 190)) return colour(0, 82, 163);
  if (within(x, y, 320, 236, 100, 128)) return HAIR;
  if (x > 460 && x < 600 && y > 50 && y < 260) return colour(214, 232, 245);
  return colour(232 - y / 12, 226 - y / 12, 214 - y / 10);
}

/** A picture for Chromium's false camera (`--use-file-for-fake-video-capture`). @returns the path of a .y4m file */
export function portrait(): string {
  const plane = (part: 0 | 1 | 2, step: number): Buffer => {
    const bytes = Buffer.alloc((WIDTH / step) * (HEIGHT / step));
    for (let y = 0, i = 0; y < HEIGHT; y += step)
      for (let x = 0; x < WIDTH; x += step) bytes[i++] = Math.round(at(x, y)[part]);
    return bytes;
  };
  const frame = [Buffer.from('FRAME\n'), plane(0, 1), plane(1, 2), plane(2, 2)];
  const path = join(newFolder('portrait'), 'portrait.y4m');
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F15:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(path, Buffer.concat([head, ...frame, ...frame]));
  return path;
}
