/* replay_main.c: gives a fuzz target every file of the given folders, so that seeds and past crashes are
 * tried in every test run without a fuzzer. A target that misbehaves crashes here as it would there. Prints
 * TAP. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        return false;
    long size = ftell(f);
    if (size < 0)
        return fclose(f), false;
    rewind(f);
    /* Exactly as long as the file, so that a sanitizer sees a read one byte past it. */
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    bool read = data && fread(data, 1, (size_t)size, f) == (size_t)size;
    fclose(f);
    if (read)
        LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return read;
}

static bool replay_folder(const char *folder, int *count)
{
    struct dirent **names = NULL;
    int found = scandir(folder, &names, NULL, alphasort);
    bool good = true;
    for (int i = 0; i < found; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (names[i]->d_name[0] != '.') {
            bool ok = replay(path);
            printf("%s %d - %s\n", ok ? "ok" : "not ok", ++*count, names[i]->d_name);
            fflush(stdout);
            good = good && ok;
        }
        free(names[i]);
    }
    free(names);
    return good;
}

int main(int argc, char **argv)
{
    int count = 0;
    bool good = LLVMFuzzerTestOneInput((const uint8_t *)"", 0) == 0;
    printf("%s %d - nothing at all\n", good ? "ok" : "not ok", ++count);
    for (int i = 1; i < argc; i++)
        good = replay_folder(argv[i], &count) && good;
    printf("1..%d\n", count);
    return good ? 0 : 1;
}
