/**
 * Functions and constants of the HDF5 library, version 2.2 without deprecated symbols, each under its C declaration
 * in `H5*public.h`. `tests/ffi/symbols_test.ts` compares them with the headers.
 *
 * @module
 */

/** Functions. Those ending in `_async` are the same C function, run on another thread. */
export const FUNCTIONS = {
  // herr_t H5dont_atexit(void)
  H5dont_atexit: { parameters: [], result: "i32" },
  // herr_t H5open(void)
  H5open: { parameters: [], result: "i32" },
  // herr_t H5get_libversion(unsigned *majnum, unsigned *minnum, unsigned *relnum)
  H5get_libversion: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  // herr_t H5close(void)
  H5close: { parameters: [], result: "i32" },
  // herr_t H5free_memory(void *mem)
  H5free_memory: { parameters: ["pointer"], result: "i32" },
  // herr_t H5PLset_loading_state(unsigned int plugin_control_mask)
  H5PLset_loading_state: { parameters: ["u32"], result: "i32" },
  // herr_t H5Eset_auto2(hid_t estack_id, H5E_auto2_t func, void *client_data)
  H5Eset_auto2: { parameters: ["i64", "function", "pointer"], result: "i32" },
  // herr_t H5Ewalk2(hid_t err_stack, H5E_direction_t direction, H5E_walk2_t func, void *client_data)
  H5Ewalk2: { parameters: ["i64", "i32", "function", "pointer"], result: "i32" },
  // herr_t H5Eclear2(hid_t err_stack)
  H5Eclear2: { parameters: ["i64"], result: "i32" },
  // htri_t H5Fis_accessible(const char *container_name, hid_t fapl_id)
  H5Fis_accessible: { parameters: ["buffer", "i64"], result: "i32" },
  // hid_t H5Fopen(const char *filename, unsigned flags, hid_t fapl_id)
  H5Fopen: { parameters: ["buffer", "u32", "i64"], result: "i64" },
  // hid_t H5Fcreate(const char *filename, unsigned flags, hid_t fcpl_id, hid_t fapl_id)
  H5Fcreate: { parameters: ["buffer", "u32", "i64", "i64"], result: "i64" },
  // herr_t H5Fflush(hid_t object_id, H5F_scope_t scope)
  H5Fflush: { parameters: ["i64", "i32"], result: "i32", nonblocking: true },
  // herr_t H5Fclose(hid_t file_id)
  H5Fclose: { parameters: ["i64"], result: "i32" },
  H5Fclose_async: { name: "H5Fclose", parameters: ["i64"], result: "i32", nonblocking: true },
  // herr_t H5Fget_filesize(hid_t file_id, hsize_t *size)
  H5Fget_filesize: { parameters: ["i64", "buffer"], result: "i32" },
  // hid_t H5Pcreate(hid_t cls_id)
  H5Pcreate: { parameters: ["i64"], result: "i64" },
  // herr_t H5Pclose(hid_t plist_id)
  H5Pclose: { parameters: ["i64"], result: "i32" },
  // herr_t H5Pset(hid_t plist_id, const char *name, const void *value)
  H5Pset: { parameters: ["i64", "buffer", "buffer"], result: "i32" },
  // herr_t H5Pset_driver(hid_t plist_id, hid_t driver_id, const void *driver_info)
  H5Pset_driver: { parameters: ["i64", "i64", "pointer"], result: "i32" },
  // herr_t H5Pset_libver_bounds(hid_t plist_id, H5F_libver_t low, H5F_libver_t high)
  H5Pset_libver_bounds: { parameters: ["i64", "i32", "i32"], result: "i32" },
  // herr_t H5Pset_file_locking(hid_t fapl_id, bool use_file_locking, bool ignore_when_disabled)
  H5Pset_file_locking: { parameters: ["i64", "bool", "bool"], result: "i32" },
  // herr_t H5Pset_fclose_degree(hid_t fapl_id, H5F_close_degree_t degree)
  H5Pset_fclose_degree: { parameters: ["i64", "i32"], result: "i32" },
  // herr_t H5Pset_elink_cb(hid_t lapl_id, H5L_elink_traverse_t func, void *op_data)
  H5Pset_elink_cb: { parameters: ["i64", "function", "pointer"], result: "i32" },
  // herr_t H5Pset_chunk_cache(hid_t dapl_id, size_t rdcc_nslots, size_t rdcc_nbytes, double rdcc_w0)
  H5Pset_chunk_cache: { parameters: ["i64", "usize", "usize", "f64"], result: "i32" },
  // herr_t H5Pset_create_intermediate_group(hid_t plist_id, unsigned crt_intmd)
  H5Pset_create_intermediate_group: { parameters: ["i64", "u32"], result: "i32" },
  // herr_t H5Pset_char_encoding(hid_t plist_id, H5T_cset_t encoding)
  H5Pset_char_encoding: { parameters: ["i64", "i32"], result: "i32" },
  // herr_t H5Pset_obj_track_times(hid_t plist_id, bool track_times)
  H5Pset_obj_track_times: { parameters: ["i64", "bool"], result: "i32" },
  // herr_t H5Pset_chunk(hid_t plist_id, int ndims, const hsize_t dim[])
  H5Pset_chunk: { parameters: ["i64", "i32", "buffer"], result: "i32" },
  // herr_t H5Pset_deflate(hid_t plist_id, unsigned level)
  H5Pset_deflate: { parameters: ["i64", "u32"], result: "i32" },
  // herr_t H5Pset_shuffle(hid_t plist_id)
  H5Pset_shuffle: { parameters: ["i64"], result: "i32" },
  // herr_t H5Pset_alloc_time(hid_t plist_id, H5D_alloc_time_t alloc_time)
  H5Pset_alloc_time: { parameters: ["i64", "i32"], result: "i32" },
  // herr_t H5Pset_fill_time(hid_t plist_id, H5D_fill_time_t fill_time)
  H5Pset_fill_time: { parameters: ["i64", "i32"], result: "i32" },
  // H5D_layout_t H5Pget_layout(hid_t plist_id)
  H5Pget_layout: { parameters: ["i64"], result: "i32" },
  // int H5Pget_chunk(hid_t plist_id, int max_ndims, hsize_t dim[])
  H5Pget_chunk: { parameters: ["i64", "i32", "buffer"], result: "i32" },
  // int H5Pget_nfilters(hid_t plist_id)
  H5Pget_nfilters: { parameters: ["i64"], result: "i32" },
  // H5Z_filter_t H5Pget_filter2(hid_t plist_id, unsigned idx, unsigned int *flags , size_t *cd_nelmts , unsigned cd_values[] , size_t namelen, char name[], unsigned *filter_config)
  H5Pget_filter2: {
    parameters: ["i64", "u32", "buffer", "buffer", "buffer", "usize", "buffer", "buffer"],
    result: "i32",
  },
  // int H5Pget_external_count(hid_t plist_id)
  H5Pget_external_count: { parameters: ["i64"], result: "i32" },
  // htri_t H5Zfilter_avail(H5Z_filter_t id)
  H5Zfilter_avail: { parameters: ["i32"], result: "i32" },
  // hid_t H5Oopen(hid_t loc_id, const char *name, hid_t lapl_id)
  H5Oopen: { parameters: ["i64", "buffer", "i64"], result: "i64" },
  // herr_t H5Oclose(hid_t object_id)
  H5Oclose: { parameters: ["i64"], result: "i32" },
  // htri_t H5Oexists_by_name(hid_t loc_id, const char *name, hid_t lapl_id)
  H5Oexists_by_name: { parameters: ["i64", "buffer", "i64"], result: "i32" },
  // herr_t H5Oget_info_by_name3(hid_t loc_id, const char *name, H5O_info2_t *oinfo, unsigned fields, hid_t lapl_id)
  H5Oget_info_by_name3: { parameters: ["i64", "buffer", "buffer", "u32", "i64"], result: "i32" },
  // herr_t H5Oget_info3(hid_t loc_id, H5O_info2_t *oinfo, unsigned fields)
  H5Oget_info3: { parameters: ["i64", "buffer", "u32"], result: "i32" },
  // herr_t H5Ocopy(hid_t src_loc_id, const char *src_name, hid_t dst_loc_id, const char *dst_name, hid_t ocpypl_id, hid_t lcpl_id)
  H5Ocopy: { parameters: ["i64", "buffer", "i64", "buffer", "i64", "i64"], result: "i32", nonblocking: true },
  // hid_t H5Gcreate2(hid_t loc_id, const char *name, hid_t lcpl_id, hid_t gcpl_id, hid_t gapl_id)
  H5Gcreate2: { parameters: ["i64", "buffer", "i64", "i64", "i64"], result: "i64" },
  // herr_t H5Gclose(hid_t group_id)
  H5Gclose: { parameters: ["i64"], result: "i32" },
  // herr_t H5Literate2(hid_t grp_id, H5_index_t idx_type, H5_iter_order_t order, hsize_t *idx, H5L_iterate2_t op, void *op_data)
  H5Literate2: { parameters: ["i64", "i32", "i32", "buffer", "function", "pointer"], result: "i32" },
  // htri_t H5Lexists(hid_t loc_id, const char *name, hid_t lapl_id)
  H5Lexists: { parameters: ["i64", "buffer", "i64"], result: "i32" },
  // herr_t H5Ldelete(hid_t loc_id, const char *name, hid_t lapl_id)
  H5Ldelete: { parameters: ["i64", "buffer", "i64"], result: "i32" },
  // herr_t H5Lmove(hid_t src_loc, const char *src_name, hid_t dst_loc, const char *dst_name, hid_t lcpl_id, hid_t lapl_id)
  H5Lmove: { parameters: ["i64", "buffer", "i64", "buffer", "i64", "i64"], result: "i32" },
  // hid_t H5Dopen2(hid_t loc_id, const char *name, hid_t dapl_id)
  H5Dopen2: { parameters: ["i64", "buffer", "i64"], result: "i64" },
  // hid_t H5Dcreate2(hid_t loc_id, const char *name, hid_t type_id, hid_t space_id, hid_t lcpl_id, hid_t dcpl_id, hid_t dapl_id)
  H5Dcreate2: { parameters: ["i64", "buffer", "i64", "i64", "i64", "i64", "i64"], result: "i64" },
  // herr_t H5Dclose(hid_t dset_id)
  H5Dclose: { parameters: ["i64"], result: "i32" },
  H5Dclose_async: { name: "H5Dclose", parameters: ["i64"], result: "i32", nonblocking: true },
  // hid_t H5Dget_space(hid_t dset_id)
  H5Dget_space: { parameters: ["i64"], result: "i64" },
  // hid_t H5Dget_type(hid_t dset_id)
  H5Dget_type: { parameters: ["i64"], result: "i64" },
  // hid_t H5Dget_create_plist(hid_t dset_id)
  H5Dget_create_plist: { parameters: ["i64"], result: "i64" },
  // haddr_t H5Dget_offset(hid_t dset_id)
  H5Dget_offset: { parameters: ["i64"], result: "u64" },
  // hsize_t H5Dget_storage_size(hid_t dset_id)
  H5Dget_storage_size: { parameters: ["i64"], result: "u64" },
  // herr_t H5Dread(hid_t dset_id, hid_t mem_type_id, hid_t mem_space_id, hid_t file_space_id, hid_t dxpl_id, void *buf)
  H5Dread: { parameters: ["i64", "i64", "i64", "i64", "i64", "buffer"], result: "i32" },
  H5Dread_async: {
    name: "H5Dread",
    parameters: ["i64", "i64", "i64", "i64", "i64", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // herr_t H5Dwrite(hid_t dset_id, hid_t mem_type_id, hid_t mem_space_id, hid_t file_space_id, hid_t dxpl_id, const void *buf)
  H5Dwrite: { parameters: ["i64", "i64", "i64", "i64", "i64", "buffer"], result: "i32", nonblocking: true },
  // herr_t H5Dread_chunk2(hid_t dset_id, hid_t dxpl_id, const hsize_t *offset, uint32_t *filters, void *buf, size_t *buf_size)
  H5Dread_chunk2: { parameters: ["i64", "i64", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  H5Dread_chunk2_async: {
    name: "H5Dread_chunk2",
    parameters: ["i64", "i64", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // herr_t H5Dwrite_chunk(hid_t dset_id, hid_t dxpl_id, uint32_t filters, const hsize_t *offset, size_t data_size, const void *buf)
  H5Dwrite_chunk: { parameters: ["i64", "i64", "u32", "buffer", "usize", "buffer"], result: "i32", nonblocking: true },
  // herr_t H5Dget_chunk_storage_size(hid_t dset_id, const hsize_t *offset, hsize_t *chunk_bytes)
  H5Dget_chunk_storage_size: { parameters: ["i64", "buffer", "buffer"], result: "i32" },
  // herr_t H5Dget_chunk_info_by_coord(hid_t dset_id, const hsize_t *offset, unsigned *filter_mask, haddr_t *addr, hsize_t *size)
  H5Dget_chunk_info_by_coord: { parameters: ["i64", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  // hid_t H5Screate(H5S_class_t type)
  H5Screate: { parameters: ["i32"], result: "i64" },
  // hid_t H5Screate_simple(int rank, const hsize_t dims[], const hsize_t maxdims[])
  H5Screate_simple: { parameters: ["i32", "buffer", "buffer"], result: "i64" },
  // herr_t H5Sclose(hid_t space_id)
  H5Sclose: { parameters: ["i64"], result: "i32" },
  // H5S_class_t H5Sget_simple_extent_type(hid_t space_id)
  H5Sget_simple_extent_type: { parameters: ["i64"], result: "i32" },
  // int H5Sget_simple_extent_ndims(hid_t space_id)
  H5Sget_simple_extent_ndims: { parameters: ["i64"], result: "i32" },
  // int H5Sget_simple_extent_dims(hid_t space_id, hsize_t dims[], hsize_t maxdims[])
  H5Sget_simple_extent_dims: { parameters: ["i64", "buffer", "buffer"], result: "i32" },
  // herr_t H5Sselect_hyperslab(hid_t space_id, H5S_seloper_t op, const hsize_t start[], const hsize_t stride[], const hsize_t count[], const hsize_t block[])
  H5Sselect_hyperslab: { parameters: ["i64", "i32", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  // hid_t H5Acreate2(hid_t loc_id, const char *attr_name, hid_t type_id, hid_t space_id, hid_t acpl_id, hid_t aapl_id)
  H5Acreate2: { parameters: ["i64", "buffer", "i64", "i64", "i64", "i64"], result: "i64" },
  // hid_t H5Aopen(hid_t obj_id, const char *attr_name, hid_t aapl_id)
  H5Aopen: { parameters: ["i64", "buffer", "i64"], result: "i64" },
  // herr_t H5Aclose(hid_t attr_id)
  H5Aclose: { parameters: ["i64"], result: "i32" },
  // hid_t H5Aget_space(hid_t attr_id)
  H5Aget_space: { parameters: ["i64"], result: "i64" },
  // hid_t H5Aget_type(hid_t attr_id)
  H5Aget_type: { parameters: ["i64"], result: "i64" },
  // herr_t H5Aread(hid_t attr_id, hid_t type_id, void *buf)
  H5Aread: { parameters: ["i64", "i64", "buffer"], result: "i32" },
  // herr_t H5Awrite(hid_t attr_id, hid_t type_id, const void *buf)
  H5Awrite: { parameters: ["i64", "i64", "buffer"], result: "i32" },
  // htri_t H5Aexists(hid_t obj_id, const char *attr_name)
  H5Aexists: { parameters: ["i64", "buffer"], result: "i32" },
  // herr_t H5Adelete(hid_t loc_id, const char *attr_name)
  H5Adelete: { parameters: ["i64", "buffer"], result: "i32" },
  // herr_t H5Aiterate2(hid_t loc_id, H5_index_t idx_type, H5_iter_order_t order, hsize_t *idx, H5A_operator2_t op, void *op_data)
  H5Aiterate2: { parameters: ["i64", "i32", "i32", "buffer", "function", "pointer"], result: "i32" },
  // hid_t H5Tcopy(hid_t type_id)
  H5Tcopy: { parameters: ["i64"], result: "i64" },
  // herr_t H5Tclose(hid_t type_id)
  H5Tclose: { parameters: ["i64"], result: "i32" },
  // H5T_class_t H5Tget_class(hid_t type_id)
  H5Tget_class: { parameters: ["i64"], result: "i32" },
  // size_t H5Tget_size(hid_t type_id)
  H5Tget_size: { parameters: ["i64"], result: "usize" },
  // H5T_sign_t H5Tget_sign(hid_t type_id)
  H5Tget_sign: { parameters: ["i64"], result: "i32" },
  // H5T_order_t H5Tget_order(hid_t type_id)
  H5Tget_order: { parameters: ["i64"], result: "i32" },
  // htri_t H5Tequal(hid_t type1_id, hid_t type2_id)
  H5Tequal: { parameters: ["i64", "i64"], result: "i32" },
  // herr_t H5Tset_size(hid_t type_id, size_t size)
  H5Tset_size: { parameters: ["i64", "usize"], result: "i32" },
  // herr_t H5Tset_cset(hid_t type_id, H5T_cset_t cset)
  H5Tset_cset: { parameters: ["i64", "i32"], result: "i32" },
  // herr_t H5Tset_strpad(hid_t type_id, H5T_str_t strpad)
  H5Tset_strpad: { parameters: ["i64", "i32"], result: "i32" },
  // H5T_cset_t H5Tget_cset(hid_t type_id)
  H5Tget_cset: { parameters: ["i64"], result: "i32" },
  // H5T_str_t H5Tget_strpad(hid_t type_id)
  H5Tget_strpad: { parameters: ["i64"], result: "i32" },
  // htri_t H5Tis_variable_str(hid_t type_id)
  H5Tis_variable_str: { parameters: ["i64"], result: "i32" },
  // hid_t H5Tget_super(hid_t type)
  H5Tget_super: { parameters: ["i64"], result: "i64" },
  // int H5Tget_nmembers(hid_t type_id)
  H5Tget_nmembers: { parameters: ["i64"], result: "i32" },
  // char *H5Tget_member_name(hid_t type_id, unsigned membno)
  H5Tget_member_name: { parameters: ["i64", "u32"], result: "pointer" },
  // herr_t H5Tget_member_value(hid_t type_id, unsigned membno, void *value)
  H5Tget_member_value: { parameters: ["i64", "u32", "buffer"], result: "i32" },
  // hid_t H5Tget_member_type(hid_t type_id, unsigned membno)
  H5Tget_member_type: { parameters: ["i64", "u32"], result: "i64" },
  // hid_t H5Tenum_create(hid_t base_id)
  H5Tenum_create: { parameters: ["i64"], result: "i64" },
  // herr_t H5Tenum_insert(hid_t type, const char *name, const void *value)
  H5Tenum_insert: { parameters: ["i64", "buffer", "buffer"], result: "i32" },
  // herr_t H5Treclaim(hid_t type_id, hid_t space_id, hid_t plist_id, void *buf)
  H5Treclaim: { parameters: ["i64", "i64", "i64", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Identifiers that the library makes when it starts. They are read at the moment of `dlopen`, so the library has to be
 * opened once more for them after `H5open`; before that they are -1 (packaging.md §0.5).
 */
export const CONSTANTS = {
  H5P_CLS_FILE_ACCESS_ID_g: { type: "i64" }, // hid_t
  H5P_CLS_DATASET_CREATE_ID_g: { type: "i64" }, // hid_t
  H5P_CLS_DATASET_ACCESS_ID_g: { type: "i64" }, // hid_t
  H5P_CLS_GROUP_CREATE_ID_g: { type: "i64" }, // hid_t
  H5P_CLS_LINK_CREATE_ID_g: { type: "i64" }, // hid_t
  H5P_CLS_LINK_ACCESS_ID_g: { type: "i64" }, // hid_t
  H5T_STD_I8LE_g: { type: "i64" }, // hid_t
  H5T_STD_I16LE_g: { type: "i64" }, // hid_t
  H5T_STD_I32LE_g: { type: "i64" }, // hid_t
  H5T_STD_I64LE_g: { type: "i64" }, // hid_t
  H5T_STD_U8LE_g: { type: "i64" }, // hid_t
  H5T_STD_U16LE_g: { type: "i64" }, // hid_t
  H5T_STD_U32LE_g: { type: "i64" }, // hid_t
  H5T_STD_U64LE_g: { type: "i64" }, // hid_t
  H5T_IEEE_F16LE_g: { type: "i64" }, // hid_t
  H5T_IEEE_F16BE_g: { type: "i64" }, // hid_t
  H5T_IEEE_F32LE_g: { type: "i64" }, // hid_t
  H5T_IEEE_F64LE_g: { type: "i64" }, // hid_t
  H5T_C_S1_g: { type: "i64" }, // hid_t
} as const satisfies Deno.ForeignLibraryInterface;
