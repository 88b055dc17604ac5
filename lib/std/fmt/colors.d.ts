/** Types of the colours that the command line uses; `@std/fmt/colors` documents them. */

export function blue(str: string): string;
export function bold(str: string): string;
export function cyan(str: string): string;
export function dim(str: string): string;
export function getColorEnabled(): boolean;
export function green(str: string): string;
export function red(str: string): string;
export function setColorEnabled(value: boolean): void;
export function stripAnsiCode(string: string): string;
export function yellow(str: string): string;
