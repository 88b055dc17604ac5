/**
 * Functions of OpenBLAS as it is packed for SciPy: every name has its prefix, `int` has 32 bits. Each under its C
 * declaration in `cblas.h` or `lapacke.h`; `tests/ffi/symbols_test.ts` compares them with the headers.
 *
 * @module
 */

/** Functions. */
export const FUNCTIONS = {
  // char *scipy_openblas_get_config(void)
  scipy_openblas_get_config: { parameters: [], result: "pointer" },
  // void scipy_openblas_set_num_threads(int num_threads)
  scipy_openblas_set_num_threads: { parameters: ["i32"], result: "void" },
  // void scipy_cblas_dgemm(const enum CBLAS_ORDER Order, const enum CBLAS_TRANSPOSE TransA,
  //                        const enum CBLAS_TRANSPOSE TransB, const blasint M, const blasint N, const blasint K,
  //                        const double alpha, const double *A, const blasint lda, const double *B, const blasint ldb,
  //                        const double beta, double *C, const blasint ldc)
  scipy_cblas_dgemm: {
    parameters: [
      ...["i32", "i32", "i32", "i32", "i32", "i32"] as const,
      ...["f64", "buffer", "i32", "buffer", "i32", "f64", "buffer", "i32"] as const,
    ],
    result: "void",
    nonblocking: true,
  },
  // lapack_int scipy_LAPACKE_dgesv(int matrix_layout, lapack_int n, lapack_int nrhs, double *a, lapack_int lda,
  //                                lapack_int *ipiv, double *b, lapack_int ldb)
  scipy_LAPACKE_dgesv: {
    parameters: ["i32", "i32", "i32", "buffer", "i32", "buffer", "buffer", "i32"],
    result: "i32",
    nonblocking: true,
  },
  // lapack_int scipy_LAPACKE_dposv(int matrix_layout, char uplo, lapack_int n, lapack_int nrhs, double *a,
  //                                lapack_int lda, double *b, lapack_int ldb)
  scipy_LAPACKE_dposv: {
    parameters: ["i32", "u8", "i32", "i32", "buffer", "i32", "buffer", "i32"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;
