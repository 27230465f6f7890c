/** Records that explain packets: operating-system events and changes of Kubernetes objects, and how they stand in journal entries. */
@NullMarked
package io.hindsight.event;

import org.jspecify.annotations.NullMarked;
