@NullMarked
package io.hindsight.pcapng;

import org.jspecify.annotations.NullMarked;
