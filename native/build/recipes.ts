/**
 * How each foreign C library is built: where its sources lie in the crate, its options, and which files are wanted.
 *
 * @module
 */
import type { TargetTools } from "./targets.ts";

/** A library built from a list of C files, without a build system of its own. */
export interface PlainRecipe {
  readonly kind: "plain";
  /** Folder below the vendored sources. */
  readonly source: string;
  /** Folders below `source` whose `*.c` are compiled. */
  readonly folders: readonly string[];
  /** Compiler flags; `$P` stands for the prefix with the libraries built before. */
  readonly flags: readonly string[];
  /** Name of the archive in `lib`. */
  readonly archive: string;
  /** Headers that go into `include`, relative to `source`. */
  readonly headers: readonly string[];
}

/** A change of a source file. */
export interface SourceEdit {
  /** The file, below the folder of the sources. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly find: string;
  /** What stands there instead. */
  readonly replace: string;
}

/** A library built with its own CMake files. */
export interface CMakeRecipe {
  readonly kind: "cmake";
  /** Folder below the vendored sources. */
  readonly source: string;
  /** Options; `$P` stands for the prefix with the libraries built before. */
  readonly options: readonly string[];
  /** Compiler flags. */
  readonly flags: readonly string[];
  /** Generated files of the build folder that get another content before anything is compiled. */
  readonly overwrite?: Readonly<Record<string, string>>;
  /** Mends what the library's version gets wrong: changes in a copy of the sources. */
  readonly edits?: readonly SourceEdit[];
  /** CMake target that is built. */
  readonly goal: string;
  /**
   * Wanted files: place in the prefix, to place in the build folder (`build/…`) or the sources (`source/…`). A place
   * with a `*` in its name stands for all such files, and goes into the folder in the prefix.
   */
  readonly products: Readonly<Record<string, string>>;
}

/** A library that others are built on, or that is shipped. */
export type Recipe = PlainRecipe | CMakeRecipe;

/** Where HDF5's shared library comes out of its build. */
const HDF5_FILE: Readonly<Record<TargetTools["cmakeSystem"], string>> = {
  Linux: "build/bin/libhdf5.so.320.2.0",
  Windows: "build/bin/libhdf5.dll",
  Darwin: "build/bin/libhdf5.320.2.0.dylib",
};

/**
 * A global heap (the place of strings of variable length) whose free space has the size 0, as in files that were cut off or
 * have holes, is read forever; sizes of free space include the header of 16 bytes.
 */
const HDF5_HEAP_OF_ZEROS: SourceEdit = {
  file: "src/H5HGcache.c",
  find: "                need = heap->obj[idx].size;\n",
  replace: "                need = heap->obj[idx].size;\n" +
    "                if (need < H5HG_SIZEOF_OBJHDR(f))\n" +
    '                    HGOTO_ERROR(H5E_HEAP, H5E_BADVALUE, NULL, "free space of the heap has an impossible size");\n',
};

/** What the helpers have in common: only used inside a library of ours, so their names stay hidden. */
const HIDDEN = ["-fvisibility=hidden"];

/** zlib, for HDF5 and libtiff. */
const ZLIB: PlainRecipe = {
  kind: "plain",
  source: "libz-sys/src/zlib",
  folders: ["."],
  flags: [...HIDDEN, "-DHAVE_UNISTD_H"],
  archive: "libz.a",
  headers: ["zlib.h", "zconf.h"],
};

/** HDF5, shipped as a shared library with zlib inside. Not thread-safe: `ffi/hdf5` makes one call at a time. */
function hdf5(tools: TargetTools): CMakeRecipe {
  return {
    kind: "cmake",
    source: "hdf5-metno-src/ext/hdf5",
    options: [
      "-DBUILD_SHARED_LIBS=ON",
      "-DBUILD_STATIC_LIBS=OFF",
      "-DBUILD_TESTING=OFF",
      "-DHDF5_BUILD_TOOLS=OFF",
      "-DHDF5_BUILD_EXAMPLES=OFF",
      "-DHDF5_BUILD_HL_LIB=OFF",
      "-DHDF5_BUILD_CPP_LIB=OFF",
      "-DHDF5_BUILD_FORTRAN=OFF",
      "-DHDF5_BUILD_JAVA=OFF",
      "-DHDF5_BUILD_UTILS=OFF",
      "-DHDF5_ENABLE_ZLIB_SUPPORT=ON",
      "-DHDF5_USE_ZLIB_STATIC=ON",
      "-DZLIB_ROOT=$P",
      "-DZLIB_LIBRARY=$P/lib/libz.a",
      "-DZLIB_INCLUDE_DIR=$P/include",
      "-DZLIB_USE_STATIC_LIBS=ON",
      "-DHDF5_ENABLE_SZIP_SUPPORT=OFF",
      "-DHDF5_ENABLE_PARALLEL=OFF",
      "-DHDF5_ENABLE_THREADSAFE=OFF",
      "-DHDF5_ENABLE_CONCURRENCY=OFF",
      "-DHDF5_ENABLE_NONSTANDARD_FEATURE_FLOAT16=OFF",
      "-DHDF5_ENABLE_DEPRECATED_SYMBOLS=OFF",
      "-DHDF5_ENABLE_PLUGIN_SUPPORT=OFF",
      "-DHDF5_NO_PACKAGES=ON",
      `-DCMAKE_SHARED_LINKER_FLAGS=${tools.link.join(" ")}`,
    ],
    flags: [],
    // It would hold paths and the date of this build; HDF5 prints it when program and library don't fit together.
    overwrite: {
      "src/H5build_settings.c": 'extern const char H5build_settings[];\nconst char H5build_settings[] = "";\n',
    },
    edits: [HDF5_HEAP_OF_ZEROS],
    goal: "all",
    products: {
      "lib/libhdf5.shared": HDF5_FILE[tools.cmakeSystem],
      "include/hdf5": "source/src/H5*public.h",
      "include/hdf5/H5pubconf.h": "build/src/H5pubconf.h",
    },
  };
}

/** libdeflate, for libtiff and for HDF5 chunks that the kernels unpack. */
const LIBDEFLATE: CMakeRecipe = {
  kind: "cmake",
  source: "libdeflate-sys/libdeflate",
  options: ["-DLIBDEFLATE_BUILD_SHARED_LIB=OFF", "-DLIBDEFLATE_BUILD_GZIP=OFF"],
  // zig 0.15's clang wants a target feature (evex512) that these two parts of libdeflate don't ask for.
  flags: [
    ...HIDDEN,
    "-DLIBDEFLATE_ASSEMBLER_DOES_NOT_SUPPORT_AVX512VNNI",
    "-DLIBDEFLATE_ASSEMBLER_DOES_NOT_SUPPORT_VPCLMULQDQ",
  ],
  goal: "libdeflate_static",
  products: { "lib/libdeflate.a": "build/libdeflate.a", "include/libdeflate.h": "source/libdeflate.h" },
};

/** zstd, for libtiff. */
const ZSTD: PlainRecipe = {
  kind: "plain",
  source: "zstd-sys/zstd/lib",
  folders: ["common", "compress", "decompress"],
  flags: [...HIDDEN, "-DZSTD_DISABLE_ASM=1", "-DZSTDLIB_VISIBLE=", "-DZSTDERRORLIB_VISIBLE="],
  archive: "libzstd.a",
  headers: ["zstd.h", "zstd_errors.h"],
};

/** LZ4, for Blosc. */
const LZ4: PlainRecipe = {
  kind: "plain",
  source: "lz4-sys/liblz4/lib",
  folders: ["."],
  flags: [...HIDDEN, "-DLZ4LIB_VISIBILITY=", "-DLZ4FLIB_VISIBILITY=", "-DXXH_NAMESPACE=LZ4_"],
  archive: "liblz4.a",
  headers: ["lz4.h", "lz4hc.h"],
};

/** c-blosc, for the chunks of OME-Zarr, with lz4 only. */
function blosc({ cmakeSystem, processor }: TargetTools): PlainRecipe {
  const vectors = processor === "x86_64" || processor === "AMD64" ? ["-DSHUFFLE_SSE2_ENABLED"] : [];
  return {
    kind: "plain",
    source: "blosc-src/c-blosc/blosc",
    folders: cmakeSystem === "Windows" ? [".", "win32"] : ["."],
    flags: [...HIDDEN, "-DHAVE_LZ4", "-I$P/include", ...vectors],
    archive: "libblosc.a",
    headers: ["blosc.h", "blosc-export.h"],
  };
}

/** libjpeg-turbo, for libtiff; its SIMD parts would need nasm. */
const JPEG: CMakeRecipe = {
  kind: "cmake",
  source: "turbojpeg-sys/libjpeg-turbo",
  // Nothing is installed, but the place for Windows that it has by default stops CMake on other systems.
  options: ["-DENABLE_SHARED=OFF", "-DWITH_TURBOJPEG=OFF", "-DWITH_SIMD=OFF", "-DCMAKE_INSTALL_PREFIX=$P"],
  flags: HIDDEN,
  goal: "jpeg-static",
  products: {
    "lib/libjpeg.a": "build/libjpeg.a",
    "include/jconfig.h": "build/jconfig.h",
    "include/jpeglib.h": "source/src/jpeglib.h",
    "include/jmorecfg.h": "source/src/jmorecfg.h",
    "include/jerror.h": "source/src/jerror.h",
  },
};

/** liblzma, for libtiff; nothing of the (GPL) tools beside it is built. */
const LZMA: CMakeRecipe = {
  kind: "cmake",
  source: "liblzma-sys/xz",
  options: [
    "-DBUILD_SHARED_LIBS=OFF",
    "-DBUILD_TESTING=OFF",
    "-DXZ_NLS=OFF",
    "-DXZ_DOC=OFF",
    "-DXZ_TOOL_XZ=OFF",
    "-DXZ_TOOL_XZDEC=OFF",
    "-DXZ_TOOL_LZMADEC=OFF",
    "-DXZ_TOOL_LZMAINFO=OFF",
    "-DXZ_TOOL_SCRIPTS=OFF",
    "-DXZ_THREADS=no",
  ],
  flags: HIDDEN,
  goal: "liblzma",
  products: {
    "lib/liblzma.a": "build/liblzma.a",
    "include/lzma.h": "source/src/liblzma/api/lzma.h",
    "include/lzma": "source/src/liblzma/api/lzma",
  },
};

/** libtiff, static: our `native/tiff` is linked with it, because most of its own functions cannot be called by FFI. */
const TIFF: CMakeRecipe = {
  kind: "cmake",
  source: "libtiff-sys/libtiff",
  options: [
    "-DBUILD_SHARED_LIBS=OFF",
    "-Dtiff-tools=OFF",
    "-Dtiff-tests=OFF",
    "-Dtiff-contrib=OFF",
    "-Dtiff-docs=OFF",
    "-Dtiff-cxx=OFF",
    "-Dtiff-install=OFF",
    "-Dtiff-opengl=OFF",
    "-Dzlib=ON",
    "-Dlibdeflate=ON",
    "-Djpeg=ON",
    "-Dlzma=ON",
    "-Dzstd=ON",
    "-Dwebp=OFF",
    "-Djbig=OFF",
    "-Dlerc=OFF",
    ...Object.entries({ ZLIB: "z", Deflate: "deflate", ZSTD: "zstd", JPEG: "jpeg", LIBLZMA: "lzma" })
      .flatMap(([name, library]) => [
        `-D${name}_LIBRARY=$P/lib/lib${library}.a`,
        `-D${name}_INCLUDE_DIR=$P/include`,
      ]),
  ],
  flags: HIDDEN,
  goal: "tiff",
  products: {
    "lib/libtiff.a": "build/libtiff/libtiff.a",
    "include/tiff.h": "source/libtiff/tiff.h",
    "include/tiffio.h": "source/libtiff/tiffio.h",
    "include/tiffconf.h": "build/libtiff/tiffconf.h",
    "include/tiffvers.h": "build/libtiff/tiffvers.h",
  },
};

/**
 * What is built for a target, in chains that can run at the same time once zlib is there; inside a chain, in order.
 *
 * @param tools the target
 * @returns the first recipe, and the chains
 */
export function recipes(tools: TargetTools): { first: Recipe; chains: readonly (readonly Recipe[])[] } {
  return { first: ZLIB, chains: [[hdf5(tools)], [LIBDEFLATE, ZSTD, LZ4, blosc(tools), JPEG, LZMA, TIFF]] };
}

/** Archives that `libilh_tiff` is linked from, in the linker's order. */
export const TIFF_ARCHIVES = [
  "libblosc.a",
  "liblz4.a",
  "libtiff.a",
  "libjpeg.a",
  "liblzma.a",
  "libzstd.a",
  "libdeflate.a",
  "libz.a",
] as const;
