/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* One program that every kernel takes, and three that are refused, each in its own way. */
#include "kernel.h"

const char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("raw_tracepoint/sched_process_fork")
int accepted(struct raw_arguments *arguments)
{
	return 0;
}

/* The verifier lets nobody read what any number points to. */
SEC("raw_tracepoint/sched_process_exec")
int unsafe(struct raw_arguments *arguments)
{
	return *(volatile int *)arguments->values[0];
}

SEC("raw_tracepoint/hindsight_absent")
int absent(struct raw_arguments *arguments)
{
	return 0;
}

SEC("tracepoint/hindsight/absent")
int absent_plain(void *arguments)
{
	return 0;
}
