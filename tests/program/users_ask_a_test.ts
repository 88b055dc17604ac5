/**
 * What users ask for, section A (errors and usability), row by row: as they type it, from the shell.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DATA, ROOT } from "./program.ts";
import { G2D, image, LABELS, makeProject, project, refused, row, SMALL, succeeded, warnings } from "./users_ask.ts";

const RGB = image("rgb2d.png");
const VOLUME = [`--project=${project("pc3d_few")}`, image("vol3d_small.h5")];

row(
  "A1: dashes and underscores are equal in option names, a misspelt option is named and never a file",
  async ({ ask, names }) => {
    const words = [SMALL, "--export-source=labels", "--output-format", "png", "--output-filename-format=r", G2D];
    succeeded(await ask(...words));
    assertEquals(names(), ["r.png"]);
    refused(await ask(SMALL, "--ouput-format", "png", G2D), 2, /--ouput-format; did you mean --output_format\?$/);
    refused(await ask(SMALL, "-export_dtype=uint8", G2D), 2, /-export_dtype; did you mean --export_dtype\?$/);
    const roles =
      /`Pixel Classification` project takes no --prediction_maps; its roles are --raw_data, --prediction_mask$/;
    refused(await ask(SMALL, "--raw_data", G2D, "--probabilitie_maps", "b.h5"), 2, roles);
  },
);

row("A2: an error is one line, and the trace comes only with --debug", async ({ ask }) => {
  const says = /^error: project file not found: .*\/none\.ilp; check its path$/;
  refused(await ask("--project=none.ilp", G2D), 3, says);
  const { code, stderr } = await ask("--project=none.ilp", "--debug", G2D);
  assertEquals(code, 3);
  assertMatch(stderr, /^error: project file not found.*\nUserError: .*\n +at /);
});

row(
  "A3: an export source of another workflow is refused with those of the project, which is named",
  async ({ ask }) => {
    const own = "choose one of: Probabilities, Simple Segmentation, Uncertainty, Features, Labels$";
    for (
      const [source, workflow] of [
        ["simple segmentation stage 2", "Autocontext \\(2-stage\\)"],
        ["Multicut Segmentation", "Edge Training With Multicut"],
        ["object-identities", "Object Classification"],
        ["Tracking-Result", "Tracking"],
      ]
    ) {
      const says = `\`${source}\` for a \`Pixel Classification\` project, it belongs to \`${workflow}\`; ${own}`;
      refused(await ask(SMALL, `--export_source=${source}`, G2D), 2, new RegExp(says));
    }
    const blanks = await ask(SMALL, "--export_source= SIMPLE  segmentation ", "--output_format=png", "--dry_run", G2D);
    assertMatch(blanks.stdout, /--export_source=Simple Segmentation \(command line\)/);
  },
);

row("A4: no inputs, and patterns without a match, fail loudly", async ({ ask, folder }) => {
  refused(await ask(SMALL, ...LABELS), 2, /no inputs are given, but --export_source is; add the image files$/);
  succeeded(await ask("--headless", SMALL, "--readonly"));
  for (const name of ["a", "b", "c", "d", "e", "f", "g"]) await Deno.writeTextFile(join(folder, `${name}.txt`), "");
  const listed = /`\/.*\/zz\*\.png`; `\/.*` has `a\.txt`, `b\.txt`, `c\.txt`, `d\.txt`, `e\.txt` and 2 more$/;
  refused(await ask(SMALL, ...LABELS, "zz*.png"), 4, listed);
  await Deno.mkdir(join(folder, "empty"));
  refused(await ask(SMALL, ...LABELS, "empty/*.png"), 4, /no file matches `\/.*`; `\/.*\/empty` is empty$/);
  refused(await ask(SMALL, ...LABELS, "none/*.png"), 4, /no file matches `\/.*`; there is no folder `\/.*\/none`$/);
});

row("A5: an option is used or refused before work starts, never called unused", async ({ ask, names }) => {
  const plugin = ["--export_source=Plugin", "--export_plugin=CSV-Table", G2D];
  refused(await ask(SMALL, ...plugin), 2, /`Pixel Classification` project takes no --export_plugin;/);
  for (const option of ["--table_filename=t.csv", "--table_only", "--csv_export_file=t.csv"]) {
    refused(await ask(SMALL, ...LABELS, option, G2D), 2, new RegExp(`takes no --${option.slice(2, 6)}`));
  }
  assertEquals(names(), []);
});

row("A6: stderr is empty when there is nothing to act on; --quiet leaves errors only", async ({ ask }) => {
  const plain = await ask(SMALL, ...LABELS, "--output_filename_format=r", G2D);
  succeeded(plain);
  assertEquals(plain.stderr, "");
  const words = [SMALL, "--export_dtype=uint8", "--output_format=numpy", "--output_filename_format=r"];
  assertEquals(warnings(await ask(...words, G2D)).length, 1);
  const quiet = await ask("--quiet", ...words, G2D, "none.png", "--output_filename_format={nickname}");
  assertEquals(quiet.code, 1);
  assertMatch(quiet.stderr, /^error: input 2 of 2, none\.png: [^\n]*\n$/);
});

row("A7: quotes that a caller passed on are left out, blanks and = are kept", async ({ ask, folder, names }) => {
  await Deno.mkdir(join(folder, "my dir"));
  await Deno.copyFile(project("pc2d_small"), join(folder, "my dir/p=q.ilp"));
  await Deno.copyFile(G2D, join(folder, "my dir/a b.png"));
  const words = ['--project="my dir/p=q.ilp"', "--export_source='Simple Segmentation'", "--output_format='png'"];
  const outcome = await ask(...words, '--output_filename_format="my dir/o=u t"', "'my dir/a b.png'", "--verbose");
  succeeded(outcome);
  assertMatch(outcome.stderr, /^quotes around "my dir\/p=q\.ilp" are left out: there is no file of that name$/m);
  assertEquals(names("my dir"), ["a b.png", "o=u t.png", "p=q.ilp"]);
  // A file that has the quotes in its name is meant.
  await Deno.copyFile(G2D, join(folder, "'a'"));
  assertEquals(succeeded(await ask(SMALL, ...LABELS, "--output_filename_format={nickname}", "'a'")), [
    `${folder}/'a'.png`,
  ]);
});

row("A8: --readonly in all forms does not eat the first input", async ({ ask, folder }) => {
  const wanted = [`${folder}/r.png`];
  const words = [SMALL, ...LABELS, "--output_filename_format=r"];
  for (const form of [["--readonly"], ["--readonly", "1"], ["--readonly=True"], ["--readonly", "OFF"]]) {
    assertEquals(succeeded(await ask(...words, ...form, G2D)), wanted);
  }
  refused(
    await ask(...words, "--readonly=maybe", G2D),
    2,
    /`maybe` for --readonly; use one of 1 yes true on 0 no false off$/,
  );
});

row(
  "A10: two inputs with one output are refused before work, both named, with placeholders that help",
  async ({ ask, folder, names }) => {
    for (const name of ["a", "b"]) {
      await Deno.mkdir(join(folder, name));
      await Deno.copyFile(G2D, join(folder, name, "img.png"));
    }
    const words = [SMALL, ...LABELS];
    const both =
      /a\/img\.png and b\/img\.png would both write \/.*\/img\.png; .* \{dataset_dir\}, \{nickname\} or \{result_type\}$/;
    refused(await ask(...words, "--output_filename_format={nickname}", "a/img.png", "b/img.png"), 2, both);
    const twice = /^error: a\/img\.png is given twice and would write .* both times; leave one of them out$/;
    refused(await ask(...words, "a/img.png", "a/img.png"), 2, twice);
    const more = /would both write \/.*\/r\.png, and 1 more share an output; tell them apart/;
    refused(await ask(...words, "--output_filename_format=r", "a/img.png", "b/img.png", G2D), 2, more);
    const itself = /img\.png of a\/img\.png is one of the files that are read; .* --output_filename_format$/;
    refused(await ask(...words, "--output_filename_format={dataset_dir}/{nickname}", "a/img.png"), 2, itself);
    assertEquals(names("a"), ["img.png"]);
    const apart = await ask(...words, "--output_filename_format={dataset_dir}/{nickname}_r", "a/img.png", "b/img.png");
    assertEquals(succeeded(apart), [`${folder}/a/img_r.png`, `${folder}/b/img_r.png`]);
  },
);

row(
  "A11: an output that is another input of the run is refused, older results are replaced as a whole",
  async ({ ask, folder }) => {
    for (const name of ["one.png", "two.png"]) await Deno.copyFile(G2D, join(folder, name));
    const before = await Deno.readFile(join(folder, "two.png"));
    const words = [SMALL, ...LABELS];
    refused(
      await ask(...words, "--output_filename_format=two", "one.png", "two.png"),
      2,
      /two\.png of one\.png is one of/,
    );
    assertEquals(await Deno.readFile(join(folder, "two.png")), before);
    await Deno.writeTextFile(join(folder, "r.png"), "an older, different result".repeat(1000));
    succeeded(await ask(...words, "--output_filename_format=r", "one.png"));
    assertEquals([...(await Deno.readFile(join(folder, "r.png"))).subarray(1, 4)], [0x50, 0x4e, 0x47]);
  },
);

row(
  "A12: {slice_index} in a format without slices is refused before pixels are read, a sequence without it too",
  async ({ ask, folder, names }) => {
    // An image without its last pixels: reading them would be another error.
    const whole = await Deno.readFile(G2D);
    await Deno.writeFile(join(folder, "cut.png"), whole.subarray(0, whole.length - 1000));
    for (const format of ["png", "hdf5", "numpy", "multipage tiff"]) {
      const says = new RegExp(`\\{slice_index\\} only makes sense for sequences, not for ${format}; .* sequence" if`);
      refused(
        await ask(SMALL, `--output_format=${format}`, "--output_filename_format=r_{slice_index}", "cut.png"),
        2,
        says,
      );
    }
    const corrected =
      /needs \{slice_index\}, found `r\.png`; for example `--output_filename_format=r_\{slice_index\}\.png`$/;
    refused(await ask(SMALL, "--output_format=png sequence", "--output_filename_format=r.png", G2D), 2, corrected);
    assertEquals(names(), ["cut.png"]);
  },
);

row(
  "A13: an unknown placeholder and a stray brace are shown with their position, {{ }} are braces",
  async ({ ask, folder }) => {
    const words = [SMALL, ...LABELS];
    const known =
      /unknown placeholder \{name\} at position 12; known placeholders are \{dataset_dir\} \{nickname\} \{result_type\} .*\{class\}; write \{\{ \}\} for braces$/;
    refused(await ask(...words, "--output_filename_format={nickname}_{name}", G2D), 2, known);
    const stray =
      /the brace at position 12 of `\{nickname\}_\}` has no partner; write \{\{ or \}\} for a literal brace$/;
    refused(await ask(...words, "--output_filename_format={nickname}_}", G2D), 2, stray);
    assertEquals(succeeded(await ask(...words, "--output_filename_format=r{{}}", G2D)), [`${folder}/r{}.png`]);
  },
);

row("A14: --fail_fast stops at the first input that fails; without it the rest is written", async ({ ask, names }) => {
  const words = [SMALL, ...LABELS, "--threads=1", "--output_filename_format={nickname}", "none.png", RGB, G2D];
  const fast = await ask("--fail_fast", ...words);
  assertEquals([fast.code, names()], [4, []]);
  const whole = await ask(...words);
  assertEquals([whole.code, names()], [1, ["g2d.png"]]);
  assertMatch(whole.stderr, /none\.png[^]*rgb2d\.png[^]*\n2 of 3 inputs failed\n$/);
});

row(
  "A15: what a format cannot hold is said before the first pixel is read, with a format and options that fit",
  async ({ ask, names }) => {
    const named = "--output_filename_format=r";
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [
        [`--project=${project("pc2dt")}`, "--output_format=tiff", image("time2d.h5")],
        /result is t 4 × .* multipage tiff or hdf5$/,
      ],
      [
        [SMALL, "--export_source=Features", "--output_format=jpeg", G2D],
        /float32, only uint8; add --export_dtype=uint8 with/,
      ],
      [
        [SMALL, "--output_format=jpeg", G2D],
        /holds 1, 3 channels, the result has 2; choose one with --cutout_subregion=c=0:1/,
      ],
      [[SMALL, "--output_format=hdr", G2D], /hdr holds 3 channels, the result has 2; use multipage tiff or hdf5$/],
      [
        [...VOLUME, "--output_format=png"],
        /png holds one plane, .* use --output_format="png sequence" with \{slice_index\}/,
      ],
    ];
    for (const [words, says] of cases) refused(await ask(...words, named), 2, says);
    assertEquals(names(), []);
  },
);

row("A16: a volume of several channels as tiff names the axes of the result and multipage tiff", async ({ ask }) => {
  const says = /^error: tiff holds one plane, the result is z 24 × y 26 × x 28 × c 3; .*multipage tiff or hdf5$/;
  refused(await ask(...VOLUME, "--output_format=tiff", "--output_filename_format=r"), 2, says);
});

row("A17: names and paths that are too long are refused with their length and the limit", async ({ ask, names }) => {
  const words = [SMALL, ...LABELS];
  const name = /has 304 bytes, at most 255 are possible; give a shorter one with --output_filename_format$/;
  refused(await ask(...words, `--output_filename_format=${"x".repeat(300)}`, G2D), 5, name);
  const path = /has \d{4} bytes, at most 4095 are possible; give a shorter one with --output_filename_format$/;
  refused(await ask(...words, `--output_filename_format=${"folder/".repeat(900)}r`, G2D), 5, path);
  assertEquals(names(), []);
});

row(
  "A18: relative paths are relative to the current folder, ~ is the home folder",
  async ({ askWith, folder, names }) => {
    await Deno.mkdir(join(folder, "home"));
    await Deno.copyFile(project("pc2d_small"), join(folder, "home/p.ilp"));
    await Deno.copyFile(G2D, join(folder, "home/g.png"));
    const env = {
      HOME: join(folder, "home"),
      DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache/deno"),
    };
    const home = await askWith(
      env,
      "--project=~/p.ilp",
      ...LABELS,
      "--output_filename_format=~/out/{nickname}",
      "~/g.png",
    );
    assertEquals(succeeded(home), [`${folder}/home/out/g.png`]);
    const here = await askWith(
      env,
      "--project=home/p.ilp",
      ...LABELS,
      "--output_filename_format=out/{nickname}",
      "home/g.png",
    );
    assertEquals(succeeded(here), [`${folder}/out/g.png`]);
    assertEquals(names("home"), ["g.png", "out", "p.ilp"]);
  },
);

row(
  "A19: folders and files with umlauts, Chinese and Korean work in projects, inputs and outputs",
  async ({ ask, folder, names }) => {
    const name = "Größe 和平 한글";
    await Deno.mkdir(join(folder, name));
    const copies = [
      [project("pc2d_small"), "프로젝트.ilp"],
      [project("pc2d_u16"), "ü.ilp"],
      [project("pc2d_f32"), "和.ilp"],
      [G2D, "ä b.png"],
      [image("u16_2d.tif"), "和.tif"],
      [image("f32_2d.h5"), "평.h5"],
    ] as const;
    for (const [from, to] of copies) await Deno.copyFile(from, join(folder, name, to));
    const source = "--export_source=labels";
    const runs = [
      [`--project=${name}/프로젝트.ilp`, "--output_format=hdf5", "--output_internal_path=größe", `${name}/ä b.png`],
      [`--project=${name}/ü.ilp`, "--output_format=tiff", `${name}/和.tif`],
      [`--project=${name}/和.ilp`, "--output_format=n5", `${name}/평.h5/data`],
    ];
    for (const words of runs) succeeded(await ask(source, ...words));
    const made = ["ä b_Labels.h5", "和_Labels.tiff", "평-data_Labels.n5"];
    assertEquals(names(name), [...copies.map(([_, to]) => to), ...made].sort());
  },
);

row(
  "A20: brackets, #, colons and blanks in names are literal when the file exists, inner paths start behind a file",
  async ({ ask, folder, names }) => {
    const odd = ["a[1].png", "a#2 x.png", "q?.png", "a:b.png"];
    for (const name of odd) await Deno.copyFile(G2D, join(folder, name));
    for (const name of ["x.h5dir", "in.h5"]) await Deno.mkdir(join(folder, name));
    await Deno.copyFile(G2D, join(folder, "x.h5dir/g.png"));
    await Deno.copyFile(image("f32_2d.h5"), join(folder, "in.h5/f.h5"));
    const words = [...LABELS, "--output_filename_format=out/{nickname}.png"];
    succeeded(await ask(SMALL, ...words, ...odd, "x.h5dir/g.png"));
    succeeded(await ask(`--project=${project("pc2d_f32")}`, ...words, "in.h5/f.h5//data"));
    assertEquals(names("out"), [...odd, "f-data.png", "g.png"].sort());
  },
);

row(
  "A21: outside of Windows a backslash is a letter of a name, in inputs and outputs",
  async ({ ask, folder, names }) => {
    await Deno.copyFile(G2D, join(folder, "a\\b.png"));
    succeeded(await ask(SMALL, ...LABELS, "--output_filename_format=out\\{nickname}", "a\\b.png"));
    assertEquals(names(), ["a\\b.png", "out\\a\\b.png"]);
  },
);

row("A22: a project that another program holds locked is read", async ({ ask, folder }) => {
  const path = join(folder, "p.ilp");
  await Deno.copyFile(project("pc2d_small"), path);
  using file = await Deno.open(path, { read: true, write: true });
  await file.lock(true);
  succeeded(await ask(`--project=${path}`, ...LABELS, "--output_filename_format=r", G2D));
});

row("A24: no display and no library of windows is needed", async ({ askWith }) => {
  const env = { DISPLAY: "nowhere:9", WAYLAND_DISPLAY: "nowhere", QT_QPA_PLATFORM: "none" };
  succeeded(await askWith(env, SMALL, ...LABELS, "--output_filename_format=r", G2D));
  const folder = join(ROOT, "native/dist");
  for await (const { name } of Deno.readDir(folder)) {
    if (!/\.(so|dylib|dll)/.test(name)) continue;
    const bytes = new TextDecoder("latin1").decode(await Deno.readFile(join(folder, name)));
    assert(!/lib(X11|Qt5|Qt6|GL|gtk|wayland)[\w.-]*\.so/.test(bytes), name);
  }
});

row("A25: --version prints the number alone, without a project; with --verbose also the libraries", async ({ ask }) => {
  const number = /^\d+\.\d+\.\d+\n$/;
  for (const words of [["--version"], ["--headless", "--version"], ["--version", "--project=none.ilp"]]) {
    const { code, stdout, stderr } = await ask(...words);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, number);
  }
  const { stdout } = await ask("--version", "--verbose");
  assertMatch(stdout, /^\d+\.\d+\.\d+\n +version: [^]*\n +HDF5: +\d[^]*\n +libtiff: +\d[^]*\n +kernels: /);
});

row("A26: --help is grouped; with a project it shows its inputs, export sources and formats", async ({ ask }) => {
  const plain = await ask("--help");
  assertEquals([plain.code, plain.stderr], [0, ""]);
  for (const title of ["General:", "Workflow:", "What is written:", "Inputs:"]) {
    assert(plain.stdout.includes(`\n${title}\n`));
  }
  const { stdout } = await ask("--help", `--project=${project("ac2d")}`);
  assertMatch(stdout, /`Autocontext \(2-stage\)` project:\n +inputs +--raw_data, --prediction_mask \(optional\)\n/);
  assertMatch(stdout, /export sources +Probabilities Stage 2, [^]*output formats +hdf5, compressed hdf5, /);
  assertMatch((await ask("help", "--output-format")).stdout, /multipage tiff sequence/);
});

row("A3: a project of a workflow that is not built yet is named, whatever is asked for", async ({ ask, folder }) => {
  const workflows = [
    "Object Classification (from prediction image)",
    "Edge Training With Multicut",
    "Cell Density Counting",
    "Automatic Tracking Workflow (Conservation Tracking) from binary image",
  ];
  for (const [i, workflow] of workflows.entries()) {
    await makeProject(join(folder, `${i}.ilp`), workflow);
    const { code, stderr } = await ask(
      `--project=${i}.ilp`,
      "--export_source=Probabilities",
      "--table_filename=t.csv",
      G2D,
    );
    assertEquals(code, 3);
    assertEquals(
      stderr,
      `error: the workflow \`${workflow}\` of ${folder}/${i}.ilp is not supported yet; supported: ` +
        "Pixel Classification, Autocontext (2-stage), Data Conversion\n",
    );
  }
  refused(
    await ask(`--project=${join(DATA, "other_workflow.ilp")}`, G2D),
    3,
    /`Carving` of .* has no headless mode; supported:/,
  );
});
