/*
 * The image's entry point: replaces itself by the JVM, with the options of the role that the arguments name. There is no shell in the
 * image that could do it. What ./hindsight does on a machine with sources, without building and installing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOME "/opt/hindsight"
#define JAVA HOME "/runtime/bin/java"

/* Options of the role and of the user, and the jar. */
enum { OPTIONS = 8, USER_OPTIONS = 64 };

/* The role whose options a command takes, and the one whose start-up cache. */
static const char *const ROLES[][3] = {
    {"agent", "@" HOME "/jvm/agent.args", HOME "/cache/agent.aot"},
    {"hub", "@" HOME "/jvm/hub.args", HOME "/cache/hub.aot"},
    {"up", "@" HOME "/jvm/up.args", HOME "/cache/hub.aot"},
    {"demo", "@" HOME "/jvm/up.args", HOME "/cache/hub.aot"},
    {"", "@" HOME "/jvm/client.args", HOME "/cache/client.aot"},
};

static const char *const *role_of(int count, char **arguments) {
    const char *command = "";
    for (int i = 1; i < count; i++) {
        if (arguments[i][0] != '-') {
            command = arguments[i];
            break;
        }
    }
    int role = 0;
    while (ROLES[role][0][0] != '\0' && strcmp(ROLES[role][0], command) != 0) {
        role++;
    }
    return ROLES[role];
}

int main(int count, char **arguments) {
    const char **command = calloc((size_t) count + OPTIONS + USER_OPTIONS, sizeof(char *));
    const char *more = getenv("HINDSIGHT_JAVA_OPTIONS");
    char *options = strdup(more == NULL ? "" : more);
    static char cache[128] = "-XX:AOTCache=";
    if (command == NULL || options == NULL) {
        perror("hindsight");
        return 1;
    }
    const char *const *role = role_of(count, arguments);
    int at = 0;
    command[at++] = JAVA;
    command[at++] = role[1];
    command[at++] = "-Djava.library.path=" HOME "/native";
    command[at++] = "-Dhindsight.program=hindsight";
    if (access(role[2], R_OK) == 0) {
        command[at++] = strncat(cache, role[2], sizeof(cache) - strlen(cache) - 1);
    }
    int user_options = 0;
    for (char *option = strtok(options, " \t\n"); option != NULL; option = strtok(NULL, " \t\n")) {
        if (user_options++ == USER_OPTIONS) {
            fprintf(stderr, "hindsight: HINDSIGHT_JAVA_OPTIONS holds more than limit=%d options\n", USER_OPTIONS);
            return 2;
        }
        command[at++] = option;
    }
    command[at++] = "-jar";
    command[at++] = HOME "/lib/launcher.jar";
    for (int i = 1; i < count; i++) {
        command[at++] = arguments[i];
    }
    execv(JAVA, (char *const *) command);
    perror("hindsight: " JAVA);
    return 1;
}
