@NullMarked
package io.hindsight.cluster;

import org.jspecify.annotations.NullMarked;
