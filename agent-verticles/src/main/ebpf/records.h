/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the programs and the agent agree on: records of the ring buffer, counters, settings. All in the machine's byte order.
 * The agent's side are the descriptor classes EbpfRecordDescriptor and EbpfStateDescriptor; a test compares them with the lines LAYOUT
 * below, which the compiler has proven.
 */
#pragma once

#define LAYOUT(type, field, offset) \
	_Static_assert(__builtin_offsetof(struct type, field) == (offset), #type "." #field)
#define LENGTH(type, length) _Static_assert(sizeof(struct type) == (length), #type)

enum kind { FORK, EXEC, EXIT, CONNECT, ACCEPT, STATE, CLOSE, OOM_KILL, KINDS };

/* A process; all zero where none is known. Times are of CLOCK_BOOTTIME. */
struct process {
	u64 started_ns;
	u64 cgroup_id;
	u32 pid; /* of the thread group; 0: no process is known */
	u32 tid;
	u32 parent_pid;
	u32 uid;
	char command[16];
};

/* The beginning of each record, and all of FORK, EXIT and OOM_KILL. */
struct record {
	u64 time_ns;
	u32 kind;
	u32 detail; /* EXIT: as wait(2) tells it; OOM_KILL: the signal */
	struct process process;
};
LAYOUT(record, time_ns, 0);
LAYOUT(record, kind, 8);
LAYOUT(record, detail, 12);
LAYOUT(record, process.started_ns, 16);
LAYOUT(record, process.cgroup_id, 24);
LAYOUT(record, process.pid, 32);
LAYOUT(record, process.tid, 36);
LAYOUT(record, process.parent_pid, 40);
LAYOUT(record, process.uid, 44);
LAYOUT(record, process.command, 48);
LENGTH(record, 64);

/* CONNECT, ACCEPT, STATE, CLOSE. Ports in the machine's byte order, addresses as on the wire; an IPv4 address in the first four bytes. */
struct socket_record {
	struct record head;
	u32 netns;
	u16 family;
	u16 local_port;
	u16 remote_port;
	u8 old_state;
	u8 state;
	u32 reserved;
	u8 local_address[16];
	u8 remote_address[16];
};
LAYOUT(socket_record, netns, 64);
LAYOUT(socket_record, family, 68);
LAYOUT(socket_record, local_port, 70);
LAYOUT(socket_record, remote_port, 72);
LAYOUT(socket_record, old_state, 74);
LAYOUT(socket_record, state, 75);
LAYOUT(socket_record, local_address, 80);
LAYOUT(socket_record, remote_address, 96);
LENGTH(socket_record, 112);

/* EXEC: arguments as in memory, each with its zero byte. Three lengths, so that a short command line does not take the room of a long one. */
#define EXEC_RECORD(name, room)                                                 \
	struct name {                                                           \
		struct record head;                                             \
		u32 argument_bytes; /* as the process has them */              \
		u32 copied_bytes;   /* as many of them stand here */           \
		char arguments[room];                                           \
	}
EXEC_RECORD(exec_record, 184);
EXEC_RECORD(long_exec_record, 952);
EXEC_RECORD(longest_exec_record, 2048);
LAYOUT(exec_record, argument_bytes, 64);
LAYOUT(exec_record, copied_bytes, 68);
LAYOUT(exec_record, arguments, 72);
LENGTH(exec_record, 256);
LENGTH(longest_exec_record, 2120);

/*
 * Counters of each kind, kept apart for each processor so that they do not fight over a cache line. Processors beyond the last slot share one
 * from the first on: additions are atomic. For each kind and at rest, produced = read by the agent + ring_full + rate_limited.
 */
enum { COUNTER_SLOTS = 64 };
struct counters {
	u64 produced[KINDS];
	u64 ring_full[KINDS];
	u64 rate_limited[KINDS];
};

/* Written by the programs, mapped by the agent. */
struct state {
	struct counters counters[COUNTER_SLOTS];
	u64 paid_until_ns[KINDS];
};
LAYOUT(state, counters, 0);
LAYOUT(counters, produced, 0);
LAYOUT(counters, ring_full, 64);
LAYOUT(counters, rate_limited, 128);
LENGTH(counters, 192);
LAYOUT(state, paid_until_ns, 12288);
LENGTH(state, 12352);

/* Put in by the agent before it loads the programs: a token bucket for each kind, told in time. */
struct settings {
	u64 interval_ns[KINDS]; /* between two events in the long run; 0: no limit */
	u64 burst_ns[KINDS];    /* how many at once, times the interval */
};
LAYOUT(settings, interval_ns, 0);
LAYOUT(settings, burst_ns, 64);
LENGTH(settings, 128);
