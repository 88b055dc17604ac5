// Export and calling conventions shared by every kernel family.
//
// Functions return 0 or one of the error codes below; nothing is printed and nothing is allocated: memory that a
// kernel needs beyond its stack is passed in by the caller, sized by the family's `..._bytes` function.
#ifndef ILH_API_H
#define ILH_API_H

#if defined(_WIN32)
#define ILH_API __declspec(dllexport)
#else
#define ILH_API __attribute__((visibility("default")))
#endif

#endif
