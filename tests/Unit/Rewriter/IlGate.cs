using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>Compiles every method of an assembly, as ilverify would read it: IL that is not valid does not compile.</summary>
internal static class IlGate
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Compiles all methods and gives how many, and what was thrown by those that failed.</summary>
    internal static (int Compiled, List<string> Failed) Jit(Assembly assembly)
    {
        int compiled = 0;
        List<string> failed = [];
        foreach (MethodBase method in Types(assembly).SelectMany(t => t.GetMethods(All).Concat<MethodBase>(t.GetConstructors(All))))
        {
            if (method.IsAbstract || (method.MethodImplementationFlags & (MethodImplAttributes.Runtime | MethodImplAttributes.InternalCall)) != 0
                || (method.Attributes & MethodAttributes.PinvokeImpl) != 0)
            {
                continue;
            }

            try
            {
                Prepare(method);
                compiled++;
            }
            catch (Exception e)
            {
                failed.Add($"{method.DeclaringType}::{method}: {e.GetType().Name}: {e.Message}");
            }
        }

        return (compiled, failed);
    }

    internal static void AssertJits(Assembly assembly)
    {
        (int compiled, List<string> failed) = Jit(assembly);
        Assert.Empty(failed);
        Assert.True(compiled > 0);
    }

    /// <summary>Loads both and asserts that what compiled before still does; gives how many methods that is.</summary>
    internal static int AssertNoneBroken(string name, byte[] before, byte[] after)
    {
        (int compiledBefore, List<string> failedBefore) = Load(name, before);
        (int compiledAfter, List<string> failedAfter) = Load(name, after);
        string[] broken = [.. failedAfter.Except(failedBefore)];
        Assert.True(broken.Length == 0, $"{broken.Length} methods no longer compile:\n" + string.Join("\n", broken.Take(10)));
        Assert.True(compiledAfter >= compiledBefore, $"{compiledAfter} methods compile, {compiledBefore} did before");

        // Some generic constraints (of a type on itself) are beyond guessing; were they many, the gate would be open.
        Assert.True(failedBefore.Count * 5 <= compiledBefore, $"{failedBefore.Count} do not compile even before: {failedBefore.FirstOrDefault()}");
        return compiledAfter;
    }

    private static (int Compiled, List<string> Failed) Load(string name, byte[] pe)
    {
        var context = new AssemblyLoadContext(name, isCollectible: true);
        context.Resolving += (_, wanted) => AppDomain.CurrentDomain.GetAssemblies()
            .FirstOrDefault(a => a.GetName().Name == wanted.Name && !a.IsCollectible);
        try
        {
            return Jit(context.LoadFromStream(new MemoryStream(pe)));
        }
        finally
        {
            context.Unload();
        }
    }

    private static void Prepare(MethodBase method)
    {
        RuntimeTypeHandle[] arguments =
        [
            .. Arguments(method.DeclaringType!.GetGenericArguments()),
            .. method.IsGenericMethodDefinition ? Arguments(method.GetGenericArguments()) : [],
        ];
        if (arguments.Length == 0)
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
        }
        else
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle, arguments);
        }
    }

    // The first type that meets the constraints: object, which shares code with every class, a number, or a type of the assembly itself.
    private static IEnumerable<RuntimeTypeHandle> Arguments(Type[] parameters) => parameters.Select(p =>
        Types(p.Assembly).Where(t => !t.ContainsGenericParameters && !t.IsByRefLike && !t.IsInterface).Prepend(typeof(int)).Prepend(typeof(object))
            .FirstOrDefault(t => Meets(t, p), typeof(object)).TypeHandle);

    private static bool Meets(Type type, Type parameter) =>
        ((parameter.GenericParameterAttributes & GenericParameterAttributes.NotNullableValueTypeConstraint) == 0 || type.IsValueType)
        && ((parameter.GenericParameterAttributes & GenericParameterAttributes.ReferenceTypeConstraint) == 0 || !type.IsValueType)
        && parameter.GetGenericParameterConstraints().All(c => c.ContainsGenericParameters
            ? type.GetInterfaces().Any(i => i.IsGenericType && c.IsGenericType && i.GetGenericTypeDefinition() == c.GetGenericTypeDefinition())
            : c.IsAssignableFrom(type));

    private static Type[] Types(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return [.. e.Types.OfType<Type>()];
        }
    }
}
