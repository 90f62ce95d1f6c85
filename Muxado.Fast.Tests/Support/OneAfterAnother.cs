using NUnit.Framework;

// No workers of NUnit's: with any, its dispatcher may look for work without pause and allocate as it looks, which the allocation
// tests, who count for the whole process, find now and then.
[assembly: LevelOfParallelism(0)]
