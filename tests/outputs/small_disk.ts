/**
 * File systems of a few kilobytes, for tests of writing that fails.
 *
 * @module
 */

/** Why no file system can be mounted here; `undefined` when one can. */
export const MOUNT_OBSTACLE: string | undefined = findObstacle();

/**
 * Mounts an empty file system in a folder of its own and gives it to a test.
 *
 * @param options as `mount -o` takes them, for example `size=64k` or `ro`
 */
export async function onSmallDisk(options: string, test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ilastik-headless-test-" });
  try {
    await command("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
    try {
      await test(folder);
    } finally {
      await command("umount", [folder]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function command(name: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, { args: [...args], stderr: "piped" }).output();
  if (!success) throw new Error(`${name} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}

function findObstacle(): string | undefined {
  if (Deno.build.os !== "linux") return "tmpfs is of Linux";
  if (Deno.uid() !== 0) return "mounting needs root";
  const folder = Deno.makeTempDirSync();
  try {
    const mounted = new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder] });
    if (!mounted.outputSync().success) return "mounting is not allowed, as in most containers";
    new Deno.Command("umount", { args: [folder] }).outputSync();
    return undefined;
  } finally {
    Deno.removeSync(folder);
  }
}
